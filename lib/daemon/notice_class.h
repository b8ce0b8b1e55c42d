/* SPDX-License-Identifier: MIT */
/* The kinds of problems that postmaster may want to hear of: notify_classes. */
#ifndef DAEMON_NOTICE_CLASS_H
#define DAEMON_NOTICE_CLASS_H

#include "lib/base/error.h"
#include "lib/base/span.h"
#include "lib/mail/mail_address.h"

enum notice_class {
	NOTICE_CLASS_BOUNCE = 1,
	NOTICE_CLASS_2BOUNCE = 2,
	NOTICE_CLASS_DATA = 4,
	NOTICE_CLASS_DELAY = 8,
	NOTICE_CLASS_POLICY = 16,
	NOTICE_CLASS_PROTOCOL = 32,
	NOTICE_CLASS_RESOURCE = 64,
	NOTICE_CLASS_SOFTWARE = 128
};

/* The set of classes in a list of words. False: a word is none. */
bool notice_class_parse(
    struct span text, unsigned *classes, struct error *error) MUST_USE;

/* Whether notify_classes of the running process has `class`. */
bool notice_class_is_wanted(enum notice_class class);

/* Those of `possible` that it has. False: it has a word that is no class. */
bool notice_class_select(
    unsigned possible, unsigned *selected, struct error *error) MUST_USE;

/* Mail of this sender is a notice itself, <> or double_bounce_sender: to tell
 * anybody about it might go round for ever. */
bool notice_class_is_notice(const struct mail_address *sender);

#endif
