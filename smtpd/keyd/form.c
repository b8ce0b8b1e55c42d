/* SPDX-License-Identifier: MIT */
#include "smtpd/keyd/form.h"

enum {
	RANDOM_SIZE = 32, /* of each side */
	BLANKS = 64,
	NAMED_CURVE = 3,       /* ECCurveType */
	UNCOMPRESSED = 4,      /* first byte of a point */
	DH_MINIMUM = 1024 / 8, /* bytes of the prime */
	DH_MAXIMUM = 8192 / 8, /* of OpenSSL's groups */
	SHA256_SIZE = 32,      /* of what TLS 1.3 hashes handshakes with */
	SHA384_SIZE = 48,
	HELLO_MINIMUM = 2 + RANDOM_SIZE /* version and random */
};

/* The groups of which a server offers a key. */
static const struct {
	uint32_t group; /* NamedGroup */
	size_t size;    /* bytes of a public key */
	bool is_point;
} curves[] = {
    {23, 65, true},  /* secp256r1 */
    {24, 97, true},  /* secp384r1 */
    {25, 133, true}, /* secp521r1 */
    {29, 32, false}, /* x25519 */
    {30, 56, false}, /* x448 */
};

/* The messages before a client's CertificateVerify, in their order. */
static const struct {
	unsigned type;
	bool is_optional;
	bool has_version; /* 3.3 is TLS 1.2 */
} transcript[] = {
    {1, false, true},   /* ClientHello */
    {2, false, true},   /* ServerHello */
    {11, false, false}, /* Certificate */
    {22, true, false},  /* CertificateStatus */
    {12, true, false},  /* ServerKeyExchange */
    {13, false, false}, /* CertificateRequest */
    {14, false, false}, /* ServerHelloDone */
    {11, false, false}, /* Certificate */
    {16, false, false}, /* ClientKeyExchange */
};

/* ---- the presentation language of TLS ---- */

static bool
take_number(struct span *rest, size_t width, size_t *number)
{
	if (rest->len < width)
		return false;
	*number = 0;
	for (size_t i = 0; i < width; i++)
		*number = *number << 8 | (unsigned char)rest->at[i];
	*rest = span_skip(*rest, width);
	return true;
}

/* A vector whose length is in front of it. */
static bool
take_vector(struct span *rest, size_t width, struct span *vector)
{
	struct span after = *rest;
	size_t len;

	if (!take_number(&after, width, &len) || after.len < len)
		return false;
	*vector = span_head(after, len);
	*rest = span_skip(after, len);
	return true;
}

/* ---- TLS 1.2, server ---- */

static bool
is_curve_key(size_t group, struct span key)
{
	for (size_t i = 0; i < COUNT_OF(curves); i++)
		if (curves[i].group == group)
			return key.len == curves[i].size &&
			    (!curves[i].is_point || key.at[0] == UNCOMPRESSED);
	return false;
}

/* ServerECDHParams. */
static bool
is_curve_params(struct span params)
{
	struct span key;
	size_t type;
	size_t group;

	return take_number(&params, 1, &type) && type == NAMED_CURVE &&
	    take_number(&params, 2, &group) && take_vector(&params, 1, &key) &&
	    params.len == 0 && is_curve_key(group, key);
}

/* ServerDHParams. */
static bool
is_dh_params(struct span params)
{
	struct span prime;
	struct span generator;
	struct span key;

	return take_vector(&params, 2, &prime) &&
	    take_vector(&params, 2, &generator) &&
	    take_vector(&params, 2, &key) && params.len == 0 &&
	    prime.len >= DH_MINIMUM && prime.len <= DH_MAXIMUM &&
	    prime.at[0] != '\0' && (prime.at[prime.len - 1] & 1) == 1 &&
	    generator.len > 0 && generator.len <= prime.len && key.len > 0 &&
	    key.len <= prime.len;
}

static bool
is_key_exchange(struct span content)
{
	size_t randoms = (size_t)2 * RANDOM_SIZE;

	if (content.len < randoms)
		return false;
	content = span_skip(content, randoms);
	return is_curve_params(content) || is_dh_params(content);
}

/* ---- TLS 1.3 ---- */

static bool
is_verify(struct span content, struct span words)
{
	for (size_t i = 0; i < BLANKS; i++)
		if (i >= content.len || content.at[i] != ' ')
			return false;
	content = span_skip(content, BLANKS);
	if (!span_starts(content, words))
		return false;
	content = span_skip(content, words.len);
	return content.len == SHA256_SIZE || content.len == SHA384_SIZE;
}

/* ---- TLS 1.2, client ---- */

static bool
is_of_tls12(struct span message)
{
	size_t version;

	return message.len >= HELLO_MINIMUM &&
	    take_number(&message, 2, &version) && version == 0x0303;
}

static bool
is_transcript(struct span content)
{
	struct span rest = content;

	for (size_t i = 0; i < COUNT_OF(transcript); i++) {
		struct span message;
		struct span after = rest;
		size_t type;

		if (!take_number(&after, 1, &type) ||
		    type != transcript[i].type) {
			if (!transcript[i].is_optional)
				return false;
			continue;
		}
		if (!take_vector(&after, 3, &message) ||
		    (transcript[i].has_version && !is_of_tls12(message)))
			return false;
		rest = after;
	}
	return rest.len == 0;
}

/* ---- all of them ---- */

enum form
form_recognise(struct span content)
{
	/* The words end with a NUL, which is in the literals once more. */
	if (is_verify(content, SPAN("TLS 1.3, server CertificateVerify\0")))
		return FORM_SERVER_VERIFY;
	if (is_verify(content, SPAN("TLS 1.3, client CertificateVerify\0")))
		return FORM_CLIENT_VERIFY;
	if (is_key_exchange(content))
		return FORM_SERVER_KEY_EXCHANGE;
	return is_transcript(content) ? FORM_CLIENT_TRANSCRIPT : FORM_NONE;
}

bool
form_allows(enum form form, enum sign_digest digest, enum sign_padding padding)
{
	bool is_tls13 =
	    form == FORM_SERVER_VERIFY || form == FORM_CLIENT_VERIFY;

	if (form == FORM_NONE ||
	    (digest == SIGN_WHOLE && padding != SIGN_UNPADDED))
		return false;
	return !is_tls13 || (padding != SIGN_PKCS1 && digest != SIGN_SHA224);
}

enum key_side
form_side(enum form form)
{
	return form == FORM_CLIENT_VERIFY || form == FORM_CLIENT_TRANSCRIPT
	    ? KEY_OF_CLIENT
	    : KEY_OF_SERVER;
}
