/* SPDX-License-Identifier: MIT */
#include "local/name.h"

#include "lib/daemon/service.h"
#include "lib/mail/mail_address.h"

/* owner-list and list-request are names of aliases. */
static bool
is_whole(struct span local)
{
	return service_common()->owner_request_special &&
	    strchr(service_common()->recipient_delimiter, '-') != NULL &&
	    (span_starts_fold(local, SPAN("owner-")) ||
		span_ends_fold(local, SPAN("-request")));
}

struct name
name_split(struct span address)
{
	struct name name = {.local = mail_address_split(address).local};
	struct span extension;

	name.user = name.local;
	if (!is_whole(name.local))
		(void)mail_address_split_extension(name.local,
		    service_common()->recipient_delimiter, &name.user,
		    &extension);
	return name;
}
