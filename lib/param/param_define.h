/* SPDX-License-Identifier: MIT */
/* Turns a params.def into a struct and a table. A program writes, in its
 * params.h,
 *
 *	struct smtpd_params {
 *	#define PARAM PARAM_FIELD
 *	#include "smtpd/params.def"
 *	#undef PARAM
 *	};
 *	extern const struct param_set smtpd_param_set;
 *
 * and in its params.c
 *
 *	#define PARAM_STRUCT struct smtpd_params
 *	#define PARAM PARAM_SPEC
 *	static const struct param_spec specs[] = {
 *	#include "smtpd/params.def"
 *	};
 *	const struct param_set smtpd_param_set = PARAM_SET("smtpd", specs); */
#ifndef PARAM_PARAM_DEFINE_H
#define PARAM_PARAM_DEFINE_H

#include "lib/param/param.h"

#define PARAM_FIELD(type, name, ...) PARAM_FIELD_##type name;
#define PARAM_FIELD_text             const char *
#define PARAM_FIELD_raw              const char *
#define PARAM_FIELD_boolean          bool
#define PARAM_FIELD_number           int64_t
#define PARAM_FIELD_size             int64_t
#define PARAM_FIELD_duration         int64_t
#define PARAM_FIELD_feedback         struct feedback
#define PARAM_FIELD_choice(words)    unsigned

#define PARAM_TYPE_text          PARAM_TEXT, NULL
#define PARAM_TYPE_raw           PARAM_RAW, NULL
#define PARAM_TYPE_boolean       PARAM_BOOLEAN, NULL
#define PARAM_TYPE_number        PARAM_NUMBER, NULL
#define PARAM_TYPE_size          PARAM_SIZE, NULL
#define PARAM_TYPE_duration      PARAM_DURATION, NULL
#define PARAM_TYPE_feedback      PARAM_FEEDBACK, NULL
#define PARAM_TYPE_choice(words) PARAM_CHOICE, words

#define PARAM_SPEC(type, name, default_text, minimum, maximum, doc)     \
	{#name, PARAM_TYPE_##type, default_text, minimum, maximum, doc, \
	    offsetof(PARAM_STRUCT, name)},

/* The table without a struct, for lists of everything (postconf). */
#define PARAM_SPEC_ONLY(type, name, default_text, minimum, maximum, doc) \
	{#name, PARAM_TYPE_##type, default_text, minimum, maximum, doc, 0},

#define PARAM_SET(owner, specs)               \
	{                                     \
		owner, specs, COUNT_OF(specs) \
	}

#endif
