/* SPDX-License-Identifier: MIT */
#include "lib/tls/trust.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <unistd.h>

#include "lib/base/text.h"
#include "lib/tls/library.h"

enum {
	HASH_DIGITS = 8,
	PATH_MAXIMUM = 1024
};

bool
trust_is_hashed_name(const char *name)
{
	struct span rest = span_text(name);
	struct span hash;

	if (!span_split(rest, '.', &hash, &rest) || hash.len != HASH_DIGITS ||
	    rest.len == 0)
		return false;
	for (size_t i = 0; i < hash.len; i++)
		if (!text_is_digit(hash.at[i]) &&
		    !(hash.at[i] >= 'a' && hash.at[i] <= 'f'))
			return false;
	for (size_t i = 0; i < rest.len; i++)
		if (!text_is_digit(rest.at[i]))
			return false;
	return true;
}

static bool
load_file(X509_STORE *store, const char *path, struct error *error)
{
	ERR_clear_error();
	if (X509_STORE_load_file_ex(store, path, library_context(), NULL) == 1)
		return true;
	return library_failure(error, "%s: expected certificates in PEM", path);
}

static bool
load_entries(
    X509_STORE *store, const char *directory, DIR *entries, struct error *error)
{
	const struct dirent *entry;

	while ((entry = readdir(entries)) != NULL) {
		char path[PATH_MAXIMUM];

		if (!trust_is_hashed_name(entry->d_name))
			continue;
		snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
		if (!load_file(store, path, error))
			return false;
	}
	return true;
}

static bool
load_directory(X509_STORE *store, const char *directory, struct error *error)
{
	DIR *entries = opendir(directory);
	bool loaded;

	if (entries == NULL)
		return error_system(error, "%s", directory);
	loaded = load_entries(store, directory, entries, error);
	(void)closedir(entries);
	return loaded;
}

static bool
load_defaults(X509_STORE *store, struct error *error)
{
	const char *file = X509_get_default_cert_file();

	if (access(file, F_OK) == 0 && !load_file(store, file, error))
		return false;
	return load_directory(store, X509_get_default_cert_dir(), error);
}

bool
trust_load(
    SSL_CTX *context, const struct trust_sources *sources, struct error *error)
{
	X509_STORE *store = SSL_CTX_get_cert_store(context);

	return (sources->file[0] == '\0' ||
		   load_file(store, sources->file, error)) &&
	    (sources->directory[0] == '\0' ||
		load_directory(store, sources->directory, error)) &&
	    (!sources->has_defaults || load_defaults(store, error));
}
