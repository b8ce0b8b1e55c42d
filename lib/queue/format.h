/* SPDX-License-Identifier: MIT */
/* The queue file, byte for byte (queue.5 is written from this comment).
 *
 * A queue file holds one message and is named by its queue id. All numbers are
 * unsigned little-endian; times are microseconds since 1970-01-01 UTC; offsets
 * count from the start of the file; checks are CRC-32C. The parts, in order:
 *
 *	head         512 bytes, zeros until all parts up to END are written
 *	recipients   records of the recipients known before the content
 *	body         as it is sent; a replaced body stays in front of the one
 *	             that counts; the bytes `.` CR LF behind each body
 *	header       the final header lines, without the empty line \
 *	recipients   records of those added later                   |
 *	attributes   `name=value` NUL, repeated                      | tail
 *	padding      zeros up to a multiple of 8                     |
 *	states       8 bytes for each recipient                      |
 *	END          40 bytes                                       /
 *	journal      records appended by qmgr until the file is removed
 *
 * Head:
 *	  0  8  magic "PosternQ"
 *	  8  2  format version, 1
 *	 10  2  size of the head, 512
 *	 12  4  message flags: 1 SMTPUTF8, 2 notice of our own, 4 do not send
 *	        notices about it, 8 probe (report, do not deliver)
 *	 16  8  arrival time
 *	 24  4  number of recipients, of both areas
 *	 28  4  of them in the second area
 *	 32 24  header: offset 8, length 8, flags 4, longest line 4
 *	 56 24  body: the same
 *	 80 16  recipients: offset (512), length
 *	 96 16  added recipients: offset, length
 *	112 16  attributes: offset, length
 *	128 16  states: offset, length (8 x recipients)
 *	144 16  body area: offset, length (old bodies, and the 3 bytes behind)
 *	160  8  length of the file up to and with END; the journal starts here
 *	168  .  zeros
 *	508  4  check of the 508 bytes before
 * Flags of header and body: 1 has bytes above 127, 2 a line starts with a dot,
 * 4 the last line ends in CR LF, 8 has NUL bytes. The longest line is counted
 * without its CR LF. Header and body one after the other are the message; the
 * body starts with the empty line that separates them, if there is one.
 *
 * Recipient record, a multiple of 8 long:
 *	  0  4  length of the record with padding
 *	  4  4  number: 0, 1, 2, ... in the order of the two areas
 *	  8  4  flags: 1 NEVER, 2 SUCCESS, 4 FAILURE, 8 DELAY (NOTIFY of
 *	        RFC 3461; none set means that the sender gave none), 16 an
 *	        alias whose members are recipients of this message: nothing is
 *	        delivered to it, its sender is told that it was expanded
 *	 12  2  length of the address
 *	 14  2  length of the original recipient (before aliases), 0 if the same
 *	 16  2  length of ORCPT (type;xtext)
 *	 18  2  zero
 *	 20  .  the three texts, zeros up to a multiple of 8
 *
 * State: ..TODO.. ==DONE== !BOUNCE! or <CANCEL>. Recipient n has its state at
 * offset(states) + 8 n. Any two differ in more than four bytes, and any other
 * word makes the file corrupt: a torn word never reads as done.
 *
 * END:
 *	  0  8  magic "EndOfMsg"
 *	  8  8  length of the file up to and with END
 *	 16  8  arrival time, as in the head
 *	 24  4  check of recipients, added recipients, attributes
 *	 28  4  check of the body area and header
 *	 32  4  number of recipients
 *	 36  4  check of the 36 bytes before
 *
 * Journal record:
 *	  0  4  length with padding to 8
 *	  4  2  type: 1 attempt, 2 reason, 3 warned, 4 expire, 5 requeue,
 *	        6 successor
 *	  6  2  of a reason: 0, or what was done all the same: 1 delivered,
 *	        2 relayed, 3 expanded; else zero
 *	  8  4  count: 0, 1, 2, ...
 *	 12  4  check of the record without these four bytes
 *	 16  .  attempt: time 8, next attempt 8
 *	        reason: recipient 4, four lengths 2 each, then the texts: status
 *	        (4.4.1), remote MTA, its reply, reason. An
 *	        outstanding recipient whose last status is of class 5 has
 *	        failed, one whose last reason says that it was delivered has
 *	        been: it is not tried again, and its sender is to be told
 *	        warned: time 8     expire: time 8 (force-expired by postsuper)
 *	        requeue: time 8 (to be queued anew, by postsuper)
 *	        successor: id 32, padded with zeros (of the message that this
 *	        one is queued anew as)
 *	  .  .  zeros up to a multiple of 8 less 4
 *	 -4  4  the length again: an append finds the last record from the end
 * The first record that is short or fails its check ends the journal; what is
 * behind is cut off when qmgr adopts the file, or by the next append. A type
 * that is not known is skipped.
 *
 * A file is
 *	never accepted   size 0, or a head of 512 zeros: nobody was told 250
 *	newer            magic, a sound check of the head, and a version above
 *	                 1: left alone. All versions have these three in their
 *	                 place
 *	complete         head, END, all checks and all states agree
 *	corrupt          anything else
 */
#ifndef QUEUE_FORMAT_H
#define QUEUE_FORMAT_H

#include "lib/base/span.h"

enum {
	FORMAT_VERSION = 1,
	FORMAT_HEAD_SIZE = 512,
	FORMAT_END_SIZE = 40,
	FORMAT_STATE_SIZE = 8,
	FORMAT_BODY_END_SIZE = 3, /* `.` CR LF behind each body */
	FORMAT_RECIPIENTS_MAXIMUM = 10000000,
	FORMAT_ATTRIBUTES_MAXIMUM = 131072
};

enum recipient_state {
	RECIPIENT_TODO,
	RECIPIENT_DONE,
	RECIPIENT_BOUNCED,
	RECIPIENT_CANCELLED,
	RECIPIENT_STATES
};

enum queued_flag {
	QUEUED_SMTPUTF8 = 1,
	QUEUED_NOTICE = 2,     /* made by bounce or cleanup: a DSN */
	QUEUED_NO_NOTICES = 4, /* its failures are logged only */
	QUEUED_PROBE = 8       /* sendmail -bv: report, deliver nothing */
};

enum part_flag {
	PART_8BIT = 1,
	PART_LEADING_DOT = 2,
	PART_FINAL_CRLF = 4,
	PART_NUL = 8
};

/* A run of bytes in the file. */
struct extent {
	uint64_t offset;
	uint64_t length;
};

/* Header or body: where it is and what an agent has to know to send it. */
struct part {
	struct extent extent;
	uint32_t flags;        /* enum part_flag */
	uint32_t longest_line; /* bytes, without CR LF */
};

struct format_head {
	uint32_t flags; /* enum queued_flag, others kept */
	int64_t arrival;
	uint32_t recipient_count;
	uint32_t added_count;
	struct part header;
	struct part body;
	struct extent recipients;
	struct extent added;
	struct extent attributes;
	struct extent states;
	struct extent body_area;
	uint64_t length; /* up to and with END */
};

struct format_end {
	uint64_t length;
	int64_t arrival;
	uint32_t envelope_check;
	uint32_t content_check;
	uint32_t recipient_count;
};

enum format_result {
	FORMAT_COMPLETE, /* of a head: magic, check and all extents are sound */
	FORMAT_NEVER_ACCEPTED,
	FORMAT_NEWER,
	FORMAT_CORRUPT
};

void format_head_encode(
    const struct format_head *head, char bytes[FORMAT_HEAD_SIZE]);
/* `bytes` are the first ones of a file of `file_size`, all there are up to
 * FORMAT_HEAD_SIZE. FORMAT_COMPLETE promises that every extent lies in order
 * inside head->length, and that inside file_size. */
enum format_result format_head_decode(
    struct span bytes, uint64_t file_size, struct format_head *head) MUST_USE;

void format_end_encode(
    const struct format_end *end, char bytes[FORMAT_END_SIZE]);
/* False when damaged or not the END of `head`. */
bool format_end_decode(struct span bytes, const struct format_head *head,
    struct format_end *end) MUST_USE;

/* The word of FORMAT_STATE_SIZE bytes; not NUL-terminated. */
const char *format_state_word(enum recipient_state state);
/* False for a word that is none of the four. */
bool format_state_decode(
    const char word[FORMAT_STATE_SIZE], enum recipient_state *state) MUST_USE;

#endif
