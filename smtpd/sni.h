/* SPDX-License-Identifier: MIT */
/* Certificates by name: what tls_server_sni_maps lists, all read at the start.
 * Keys of the tables are host names, or ".example.com" for all names below
 * example.com; values are files. The process has one set. */
#ifndef SMTPD_SNI_H
#define SMTPD_SNI_H

#include "lib/tls/context.h"

/* Opens the tables and loads all that they name. */
bool sni_open(const char *tables, struct error *error) MUST_USE;

/* Whether there are any. */
bool sni_is_used(void);

/* What a client gets that asks for `name`, in lower case; NULL: what is usual.
 */
const struct chain_list *sni_find(struct span name);

#endif
