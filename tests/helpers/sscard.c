/* A card library for the tests of drivers/card/sscard.py, with the prototypes of LD/T 33 and some that vendors have
 * in their place. What a function does is written in the file STATE/<function>: on the first line the code to return,
 * or "crash" or "hang"; after it what goes to pOutInfo. Every call is noted in STATE/calls. RESULT is the return type.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void note(const char *name, int type, const char *argument)
{
    FILE *file = fopen(STATE "/calls", "a");
    fprintf(file, "%s %d %s\n", name, type, argument);
    fclose(file);
}

static int played(const char *name, char *out)
{
    char path[4096], line[64];
    int code;
    snprintf(path, sizeof path, "%s/%s", STATE, name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return -13;
    if (!fgets(line, sizeof line, file))
        line[0] = 0;
    if (!strncmp(line, "crash", 5))
        raise(SIGSEGV);
    if (!strncmp(line, "hang", 4))
        for (;;)
            pause();
    code = atoi(line);
    if (out)
        out[fread(out, 1, 60000, file)] = 0;
    fclose(file);
    return code;
}

RESULT DriverInit(void) { note("DriverInit", 0, ""); return played("DriverInit", NULL); }
RESULT iReadCardBas(int type, char *out) { note("iReadCardBas", type, ""); return played("iReadCardBas", out); }
RESULT iReadCardBas_HSM_Step1(int type, char *out) { note("iReadCardBas_HSM_Step1", type, ""); return played("iReadCardBas_HSM_Step1", out); }
RESULT iReadCardBas_HSM_Step2(char *key, char *out) { note("iReadCardBas_HSM_Step2", 0, key); return played("iReadCardBas_HSM_Step2", out); }
RESULT iVerifyPIN(int type, char *out) { note("iVerifyPIN", type, ""); return played("iVerifyPIN", out); }
RESULT iChangePIN(int type, char *out) { note("iChangePIN", type, ""); return played("iChangePIN", out); }
RESULT iReloadPIN_HSM_Step1(int type, char *card, char *out) { note("iReloadPIN_HSM_Step1", type, card); return played("iReloadPIN_HSM_Step1", out); }
RESULT iReloadPIN_HSM_Step2(char *key, char *out) { note("iReloadPIN_HSM_Step2", 0, key); return played("iReloadPIN_HSM_Step2", out); }
RESULT iReloadPIN_HSM_Step3(char *key, char *out) { note("iReloadPIN_HSM_Step3", 0, key); return played("iReloadPIN_HSM_Step3", out); }

/* A vendor whose library takes passwords, and whose first step takes no type. */
static char pin[16] = "123456";

RESULT Vendor_Step1(char *out) { note("Vendor_Step1", 0, ""); return played("iReadCardBas_HSM_Step1", out); }

RESULT iVerifyPin(int type, char *given, char *out)
{
    note("iVerifyPin", type, "");
    if (!strcmp(pin, given))
        return played("iVerifyPin", out);
    strcpy(out, "\xc3\xdc\xc2\xeb\xb4\xed\xce\xf3\xa3\xac\xbb\xb9\xca\xa3" "2" "\xb4\xce"); /* 密码错误，还剩2次 in GBK */
    return -51;
}

RESULT iChangePin(int type, char *old, char *new, char *out)
{
    int code = played("iChangePin", out);
    note("iChangePin", type, "");
    if (strcmp(pin, old))
        return -25537;
    if (code == 0)
        strcpy(pin, new);
    return code == 1 ? 0 : code; /* 1: says "good" and changes nothing */
}
