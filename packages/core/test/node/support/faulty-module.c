/*
 * A PKCS#11 module that passes everything on to another one and goes wrong where it is told to.
 *
 * REAL_MODULE is the path of the other one; FAULTS lists what goes wrong, MODULE_LOG names a file that gets a line for
 * each call that matters. All three are environment variables, looked at in each call.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CK_PTR *
#define CK_DEFINE_FUNCTION(returnType, name) returnType name
#define CK_DECLARE_FUNCTION(returnType, name) returnType name
#define CK_DECLARE_FUNCTION_POINTER(returnType, name) returnType(*name)
#define CK_CALLBACK_FUNCTION(returnType, name) returnType(*name)
#ifndef NULL_PTR
#define NULL_PTR 0
#endif
#include "pkcs11.h"

static CK_FUNCTION_LIST_PTR real;
static CK_FUNCTION_LIST ours;

static int fails(const char *fault) {
  const char *faults = getenv("FAULTS");
  return faults != NULL && strstr(faults, fault) != NULL;
}

static void record(const char *line) {
  const char *path = getenv("MODULE_LOG");
  FILE *file = path == NULL ? NULL : fopen(path, "a");
  if (file == NULL) return;
  fprintf(file, "%s\n", line);
  fclose(file);
}

static CK_RV initialize(CK_VOID_PTR arguments) {
  CK_C_INITIALIZE_ARGS *given = arguments;
  if (fails("cant-lock") && given != NULL && (given->flags & CKF_OS_LOCKING_OK)) return CKR_CANT_LOCK;
  record("initialize");
  return real->C_Initialize(arguments);
}

static CK_RV finalize(CK_VOID_PTR reserved) {
  record("finalize");
  return real->C_Finalize(reserved);
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
  CK_RV result = real->C_GetTokenInfo(slot, info);
  if (fails("count-low")) info->flags |= CKF_USER_PIN_COUNT_LOW;
  if (fails("final-try")) info->flags |= CKF_USER_PIN_FINAL_TRY;
  if (fails("locked")) info->flags |= CKF_USER_PIN_LOCKED;
  if (fails("keypad")) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
  if (fails("no-login")) info->flags &= ~(CK_FLAGS)CKF_LOGIN_REQUIRED;
  return result;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  char line[40];
  snprintf(line, sizeof line, "login %lu", user);
  record(line);
  if (fails("pin-expired")) return CKR_PIN_EXPIRED;
  if (fails("pin-changed") && user == CKU_CONTEXT_SPECIFIC) return CKR_PIN_INCORRECT;
  if (fails("keypad") && length == 0) {
    char *typed = getenv("TYPED_PIN");
    return real->C_Login(session, user, (CK_UTF8CHAR_PTR)typed, strlen(typed));
  }
  return real->C_Login(session, user, pin, length);
}

static CK_RV get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count) {
  CK_RV result = real->C_GetMechanismList(slot, list, count);
  if (result != CKR_OK || list == NULL) return result;
  for (CK_ULONG i = 0; i < *count; i++) {
    CK_MECHANISM_TYPE one = list[i];
    if (fails("no-hash") && (one == CKM_SHA256_RSA_PKCS || one == CKM_SHA256_RSA_PKCS_PSS)) list[i] = CKM_SHA256;
    if (fails("no-pss") && (one == CKM_RSA_PKCS_PSS || one == CKM_SHA256_RSA_PKCS_PSS)) list[i] = CKM_SHA256;
    if (fails("no-pkcs1") && (one == CKM_RSA_PKCS || one == CKM_SHA256_RSA_PKCS)) list[i] = CKM_SHA256;
  }
  return result;
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  char line[40];
  snprintf(line, sizeof line, "sign 0x%lx", mechanism->mechanism);
  record(line);
  if (fails("not-permitted")) return CKR_KEY_FUNCTION_NOT_PERMITTED;
  return real->C_SignInit(session, mechanism, key);
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR out, CK_ULONG_PTR room) {
  if (fails("removed")) return CKR_DEVICE_REMOVED;
  if (fails("not-touched")) return CKR_FUNCTION_CANCELED;
  if (fails("odd")) return CKR_VENDOR_DEFINED + 7;
  if (fails("slow")) usleep(300000);
  return real->C_Sign(session, data, length, out, room);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  if (real == NULL) {
    void *library = dlopen(getenv("REAL_MODULE"), RTLD_LAZY | RTLD_LOCAL);
    CK_C_GetFunctionList get = library == NULL ? NULL : (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
    if (get == NULL || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
    ours = *real;
    ours.C_Initialize = initialize;
    ours.C_Finalize = finalize;
    ours.C_GetTokenInfo = get_token_info;
    ours.C_Login = login;
    ours.C_GetMechanismList = get_mechanism_list;
    ours.C_SignInit = sign_init;
    ours.C_Sign = sign;
  }
  *list = &ours;
  return CKR_OK;
}
