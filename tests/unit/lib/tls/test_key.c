/* SPDX-License-Identifier: MIT */
#include "lib/tls/key.h"

#include "identity.h"

static char directory[] = "/tmp/test-key-XXXXXX";
static char path[64];

static void
start_file(void)
{
	snprintf(path, sizeof path, "%s/file.pem", directory);
	(void)unlink(path);
}

/* A signature made with `key` must be one of the certificate's. */
static void
assert_signs(EVP_PKEY *key, X509 *certificate)
{
	static const unsigned char text[] = "text";
	unsigned char signature[512];
	size_t len = sizeof signature;
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	assert_int_equal(EVP_DigestSignInit_ex(
			     context, NULL, "SHA256", NULL, NULL, key, NULL),
	    1);
	assert_int_equal(
	    EVP_DigestSign(context, signature, &len, text, sizeof text), 1);
	assert_int_equal(EVP_MD_CTX_reset(context), 1);
	assert_int_equal(EVP_DigestVerifyInit_ex(context, NULL, "SHA256", NULL,
			     NULL, X509_get0_pubkey(certificate), NULL),
	    1);
	assert_int_equal(
	    EVP_DigestVerify(context, signature, len, text, sizeof text), 1);
	EVP_MD_CTX_free(context);
}

static void
finds_its_own_among_others(void **state UNUSED)
{
	struct identity one = identity_make("one", "DNS:one.example", NULL, 9);
	struct identity two = identity_make("two", "DNS:two.example", NULL, 9);
	struct error error;
	EVP_PKEY *key;

	start_file();
	identity_write_key(&one, path);
	identity_write_certificate(&one, path);
	identity_write_key(&two, path);
	key = key_open(two.certificate, path, &error);
	assert_non_null(key);
	assert_signs(key, two.certificate);
	EVP_PKEY_free(key);
	identity_free(&one);
	identity_free(&two);
}

static void
says_what_is_missing(void **state UNUSED)
{
	struct identity one = identity_make("one", "DNS:one.example", NULL, 9);
	struct identity two = identity_make("two", "DNS:two.example", NULL, 9);
	struct error error;
	FILE *file;

	start_file();
	assert_null(key_open(one.certificate, path, &error));
	assert_int_equal(error.kind, ERROR_SYSTEM);
	identity_write_certificate(&one, path);
	assert_null(key_open(one.certificate, path, &error));
	assert_non_null(strstr(error.text, "expected a private key"));
	identity_write_key(&two, path);
	assert_null(key_open(one.certificate, path, &error));
	assert_non_null(strstr(error.text, "belongs to the certificate"));
	file = identity_open_file(path);
	fputs("-----BEGIN PRIVATE KEY-----\nMIG\n", file);
	fclose(file);
	assert_null(key_open(one.certificate, path, &error));
	assert_non_null(strstr(error.text, "has no end"));
	identity_free(&one);
	identity_free(&two);
}

static void
asks_nobody_for_a_passphrase(void **state UNUSED)
{
	struct identity one = identity_make("one", "DNS:one.example", NULL, 9);
	struct error error;
	FILE *file;

	start_file();
	file = identity_open_file(path);
	assert_int_equal(PEM_write_PKCS8PrivateKey(file, one.key,
			     EVP_aes_256_cbc(), "secret", 6, NULL, NULL),
	    1);
	fclose(file);
	assert_null(key_open(one.certificate, path, &error));
	assert_non_null(strstr(error.text, "readable"));
	identity_free(&one);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(finds_its_own_among_others),
	    cmocka_unit_test(says_what_is_missing),
	    cmocka_unit_test(asks_nobody_for_a_passphrase),
	};
	int failed;

	if (mkdtemp(directory) == NULL)
		return 1;
	start_file();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)unlink(path);
	(void)rmdir(directory);
	return failed;
}
