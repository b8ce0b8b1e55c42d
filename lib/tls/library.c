/* SPDX-License-Identifier: MIT */
#include "lib/tls/library.h"

#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>

static OSSL_LIB_CTX *the_context;

OSSL_LIB_CTX *
library_context(void)
{
	unsigned char warm[16];

	if (the_context != NULL)
		return the_context;
	must(OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) == 1);
	the_context = OSSL_LIB_CTX_new();
	must(the_context != NULL);
	must(OSSL_PROVIDER_load(the_context, "default") != NULL);
	/* The generators seed themselves at the first use. */
	must(RAND_bytes_ex(the_context, warm, sizeof warm, 0) == 1);
	must(RAND_bytes(warm, sizeof warm) == 1);
	return the_context;
}

bool
library_failure(struct error *error, const char *format, ...)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code == 0 ? NULL : ERR_reason_error_string(code);
	char what[sizeof error->text];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	ERR_clear_error();
	return error_set(error, ERROR_INVALID, "%s%s%s", what,
	    reason == NULL ? "" : ": ", reason == NULL ? "" : reason);
}
