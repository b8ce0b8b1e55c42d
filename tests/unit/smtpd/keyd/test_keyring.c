/* SPDX-License-Identifier: MIT */
#include <sys/mman.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <unistd.h>

#include "lib/ipc/messages.h"
#include "lib/tls/key_name.h"

#include "../../unit.h"
#include "smtpd/keyd/keyring.h"
#include "smtpd/keyd/vault.h"

/* A file with these keys and this text; NULL ends the keys. */
static int
make_file(EVP_PKEY *const *keys, const char *text)
{
	int fd = memfd_create("keys", MFD_CLOEXEC);
	FILE *file = fdopen(dup(fd), "w");

	assert_non_null(file);
	for (; *keys != NULL; keys++)
		assert_int_equal(PEM_write_PrivateKey(
				     file, *keys, NULL, NULL, 0, NULL, NULL),
		    1);
	fputs(text, file);
	fclose(file);
	return fd;
}

static size_t
add(uint32_t number, uint32_t side, EVP_PKEY *const *keys)
{
	struct error error;
	size_t count;
	int fd = make_file(keys, "-----BEGIN X-----\n-----END X-----\n");

	assert_true(keyring_add(number, side, fd, &count, &error));
	close(fd);
	return count;
}

/* 0: it is not there. */
static unsigned
sides_of(EVP_PKEY *key)
{
	struct key_name name;
	unsigned sides = 0;
	EVP_PKEY *found;

	assert_true(key_name_find(key, &name));
	found = keyring_find(key_name_span(&name), &sides);
	if (found != NULL)
		assert_int_equal(EVP_PKEY_eq(found, key), 1);
	return sides;
}

static void
keeps_keys_while_a_file_has_them(void **state UNUSED)
{
	EVP_PKEY *old = EVP_EC_gen("P-256");
	EVP_PKEY *new = EVP_RSA_gen(2048);
	EVP_PKEY *third = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");

	assert_int_equal(sides_of(old), 0);
	assert_int_equal(add(1, KEY_OF_SERVER, (EVP_PKEY *[]){old, NULL}), 1);
	assert_int_equal(
	    add(2, KEY_OF_SERVER, (EVP_PKEY *[]){new, old, NULL}), 2);
	assert_int_equal(
	    add(3, KEY_OF_CLIENT, (EVP_PKEY *[]){new, third, NULL}), 2);
	assert_int_equal(keyring_count(), 3);
	assert_int_equal(sides_of(old), KEY_OF_SERVER);
	assert_int_equal(sides_of(new), KEY_OF_SERVER | KEY_OF_CLIENT);
	assert_int_equal(sides_of(third), KEY_OF_CLIENT);

	keyring_forget(1);
	assert_int_equal(sides_of(old), KEY_OF_SERVER);
	keyring_forget(2);
	assert_int_equal(sides_of(old), 0);
	assert_int_equal(sides_of(new), KEY_OF_CLIENT);
	keyring_forget(2);
	keyring_forget(3);
	assert_int_equal(keyring_count(), 0);
	EVP_PKEY_free(old);
	EVP_PKEY_free(new);
	EVP_PKEY_free(third);
}

static void
refuses(int fd, const char *words)
{
	struct error error;
	size_t count;

	assert_false(keyring_add(9, KEY_OF_SERVER, fd, &count, &error));
	if (strstr(error.text, words) == NULL)
		fail_msg("%s", error.text);
	assert_int_equal(keyring_count(), 0);
	close(fd);
}

static void
says_what_is_wrong(void **state UNUSED)
{
	EVP_PKEY *none = NULL;
	int large = memfd_create("large", MFD_CLOEXEC);
	int pipes[2];

	refuses(make_file(&none, ""), "expected a private key");
	refuses(make_file(&none, "no PEM at all\n"), "expected a private key");
	refuses(make_file(&none,
		    "-----BEGIN PRIVATE KEY-----\nMIG\n"
		    "-----END PRIVATE KEY-----\n"),
	    "expected a private key");
	refuses(make_file(&none, "-----BEGIN PRIVATE KEY-----\nMIG\n"),
	    "expected a private key");
	assert_int_equal(ftruncate(large, 2 << 20), 0);
	refuses(large, "at most");
	assert_int_equal(pipe(pipes), 0);
	close(pipes[1]);
	refuses(pipes[0], "read");
}

/* The same key as a certificate has it, whose point may be in another form. */
static void
names_a_key_whatever_its_form(void **state UNUSED)
{
	EVP_PKEY *key = EVP_EC_gen("P-384");
	EVP_PKEY *other = EVP_PKEY_dup(key);
	struct key_name one;
	struct key_name two;
	char text[KEY_NAME_TEXT_SIZE];

	assert_int_equal(
	    EVP_PKEY_set_utf8_string_param(other, "point-format", "compressed"),
	    1);
	assert_true(key_name_find(key, &one) && key_name_find(other, &two));
	assert_memory_equal(one.bytes, two.bytes, sizeof one.bytes);
	key_name_show(SPAN("\0\xff\x10"), text);
	assert_string_equal(text, "00ff10");
	key_name_show(key_name_span(&one), text);
	assert_int_equal(strlen(text), KEY_NAME_TEXT_SIZE - 1);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(keeps_keys_while_a_file_has_them),
	    cmocka_unit_test(says_what_is_wrong),
	    cmocka_unit_test(names_a_key_whatever_its_form),
	};

	vault_open();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
