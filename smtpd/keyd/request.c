/* SPDX-License-Identifier: MIT */
#include "smtpd/keyd/request.h"

#include "lib/tls/key_name.h"

#include "smtpd/keyd/form.h"
#include "smtpd/keyd/keyring.h"
#include "smtpd/keyd/signature.h"

static enum sign_result
refuse(struct error *error, const char *why)
{
	error_set(error, ERROR_INVALID, "%s", why);
	return SIGN_REFUSED;
}

static enum sign_result
find_key(const struct message_sign *request, EVP_PKEY **key, unsigned *sides,
    struct error *error)
{
	char name[KEY_NAME_TEXT_SIZE];

	*key = keyring_find(request->key, sides);
	if (*key != NULL)
		return SIGN_MADE;
	key_name_show(request->key, name);
	error_set(error, ERROR_NOT_FOUND, "no key %s", name);
	return SIGN_NO_KEY;
}

enum sign_result
request_answer(const struct message_sign *request, struct buf *signature,
    struct error *error)
{
	enum form form = form_recognise(request->content);
	unsigned sides;
	EVP_PKEY *key;

	if (form == FORM_NONE)
		return refuse(error, "this belongs to no TLS handshake");
	if (!form_allows(form, request->digest, request->padding))
		return refuse(error, "no handshake is signed like that");
	if (find_key(request, &key, &sides, error) != SIGN_MADE)
		return SIGN_NO_KEY;
	if ((sides & form_side(form)) == 0)
		return refuse(error, "the key is for the other side");
	return signature_make(key, request, signature, error) ? SIGN_MADE
							      : SIGN_FAILED;
}
