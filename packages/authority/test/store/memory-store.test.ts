import { MemoryStore } from '../../src/store/memory-store.ts';
import { describeStore } from './conformance.ts';

describeStore('MemoryStore', async () => new MemoryStore());
