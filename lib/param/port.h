/* SPDX-License-Identifier: MIT */
/* TCP ports and the names of inet services: "25", "smtp", "host:port",
 * "[v6]:port". */
#ifndef PARAM_PORT_H
#define PARAM_PORT_H

#include "lib/base/span.h"

/* A number from 1 to 65535 or one of the mail services (smtp, submission,
 * submissions, smtps, lmtp ...). Other names of services(5) are for the caller
 * to resolve. */
bool port_parse(struct span text, uint16_t *port) MUST_USE;

/* Splits the name of an inet service; *host is empty when the name has none
 * (then inet_interfaces counts) and comes without its brackets, *service is a
 * number or a name. False when the form is none of the above. */
bool port_split(
    struct span name, struct span *host, struct span *service) MUST_USE;

#endif
