/* SPDX-License-Identifier: MIT */
/* Dates as mail writes them, from microseconds since 1970 (clock_wall), in the
 * zone of TZ unless said otherwise; independent of the locale. Each writes to
 * `text` of DATE_TEXT_SIZE bytes and returns it. */
#ifndef MAIL_DATE_H
#define MAIL_DATE_H

#include "lib/base/base.h"

enum {
	DATE_TEXT_SIZE = 64
};

/* RFC 5322 3.3 with a comment: "Sun, 22 Nov 2026 11:00:09 +0000 (UTC)". */
const char *date_format_mail(int64_t wall, char *text);
/* As ctime(3) without the line end, for the From_ line of an mbox and for the
 * queue listing: "Sun Nov 22 11:00:09 2026". */
const char *date_format_mbox(int64_t wall, char *text);
/* "Nov 22 11:00:09". */
const char *date_format_log(int64_t wall, char *text);
/* "20261122110009", UTC. */
const char *date_format_compact(int64_t wall, char *text);

#endif
