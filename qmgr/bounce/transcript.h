/* SPDX-License-Identifier: MIT */
/* Serves qmgr's TRANSCRIPT: what was said in a session of an agent goes to
 * error_notice_recipient. */
#ifndef BOUNCE_TRANSCRIPT_H
#define BOUNCE_TRANSCRIPT_H

#include "lib/ipc/peer.h"

void transcript_serve(struct conversation *conversation, struct frame *first);

#endif
