/* SPDX-License-Identifier: MIT */
#include "lib/tls/key_text.h"

#include <openssl/decoder.h>

#include "lib/tls/library.h"

/* Nobody is there to type a passphrase. */
static int
no_passphrase(char *to UNUSED, size_t size UNUSED, size_t *len UNUSED,
    const OSSL_PARAM params[] UNUSED, void *owner UNUSED)
{
	return 0;
}

EVP_PKEY *
key_text_decode(const struct pem_block *block)
{
	const unsigned char *at = (const unsigned char *)block->text.at;
	size_t len = block->text.len;
	EVP_PKEY *key = NULL;
	OSSL_DECODER_CTX *decoder = OSSL_DECODER_CTX_new_for_pkey(&key, "PEM",
	    NULL, NULL, OSSL_KEYMGMT_SELECT_KEYPAIR, library_context(), NULL);

	must(decoder != NULL);
	must(OSSL_DECODER_CTX_set_passphrase_cb(decoder, no_passphrase, NULL));
	if (OSSL_DECODER_from_data(decoder, &at, &len) != 1) {
		EVP_PKEY_free(key);
		key = NULL;
	}
	OSSL_DECODER_CTX_free(decoder);
	return key;
}
