/* SPDX-License-Identifier: MIT */
#include "lib/route/address_complete.h"

#include "lib/mail/mail_address.h"

/* user and domain of an address without '@'; the domain may be empty. */
static void
split_bare(const struct common_params *params, struct span address,
    struct span *user, struct span *domain)
{
	size_t percent = span_find_last(address, '%');

	if (params->swap_bangpath && span_split(address, '!', domain, user))
		return;
	*user = address;
	*domain = SPAN_EMPTY;
	if (!params->allow_percent_hack || percent == address.len)
		return;
	*user = span_head(address, percent);
	*domain = span_skip(address, percent + 1);
}

/* Leaves "@." and double dots to whoever refuses them. */
static struct span
without_final_dot(struct span domain)
{
	if (domain.len > 1 && span_ends(domain, SPAN(".")) &&
	    !span_ends(domain, SPAN("..")))
		domain.len--;
	return domain;
}

static bool
append_domain(
    const struct common_params *params, struct span domain, struct buf *out)
{
	buf_append_byte(out, '@');
	buf_append_span(out, domain);
	if (params->append_dot_mydomain && domain.len > 0 &&
	    domain.at[0] != '[' && span_find(domain, '.') == domain.len)
		buf_printf(out, ".%s", params->mydomain);
	return !out->overflowed;
}

bool
address_complete(
    const struct common_params *params, struct span address, struct buf *out)
{
	struct mail_address parts = mail_address_split(address);
	struct span user = parts.local;
	struct span domain = parts.domain;

	if (address.len == 0)
		return true;
	if (parts.local.len == address.len) {
		split_bare(params, address, &user, &domain);
		if (user.len == 0 ||
		    (domain.len == 0 && user.len < address.len)) {
			/* "!user", "user%": nothing to turn round. */
			user = address;
			domain = SPAN_EMPTY;
		}
		if (domain.len == 0 && !params->append_at_myorigin)
			return buf_append_span(out, user);
		if (domain.len == 0)
			domain = span_text(params->myorigin);
	}
	buf_append_span(out, user);
	return append_domain(params, without_final_dot(domain), out);
}
