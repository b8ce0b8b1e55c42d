/* SPDX-License-Identifier: MIT */
#include "master/postconf/facts.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "lib/base/memory.h"
#include "lib/table/table.h"

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
append_sorted(struct buf *out, const char **names, size_t count)
{
	qsort(names, count, sizeof *names, compare_names);
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s\n", names[i]);
}

void
facts_append_tables(struct buf *out)
{
	const char **names;
	size_t count = 0;

	while (table_type(count) != NULL)
		count++;
	names = memory_alloc((count + 1) * sizeof *names);
	for (size_t i = 0; i < count; i++)
		names[i] = table_type(i);
	/* No type, but a name that may stand before one. */
	names[count++] = "proxy";
	append_sorted(out, names, count);
	free(names);
}

void
facts_append_locks(struct buf *out)
{
	buf_append_text(out, "fcntl\ndotlock\n");
}

bool
facts_append_tls(struct span mode, struct buf *out)
{
	static const char *const algorithms[] = {
	    "dsa", "ecdsa", "ed25519", "ed448", "rsa"};

	if (span_equal(mode, SPAN("compile-version"))) {
		buf_printf(out, "%s\n", OPENSSL_VERSION_TEXT);
		return true;
	}
	if (span_equal(mode, SPAN("run-version"))) {
		buf_printf(out, "%s\n", OpenSSL_version(OPENSSL_VERSION));
		return true;
	}
	if (!span_equal(mode, SPAN("public-key-algorithms")))
		return false;
	for (size_t i = 0; i < COUNT_OF(algorithms); i++) {
		EVP_SIGNATURE *found =
		    EVP_SIGNATURE_fetch(NULL, algorithms[i], NULL);

		if (found != NULL)
			buf_printf(out, "%s\n", algorithms[i]);
		EVP_SIGNATURE_free(found);
	}
	return true;
}
