/* SPDX-License-Identifier: MIT */
/* Passes transcripts of sessions from agents, which have no way to the queue,
 * to bounce, which submits them to postmaster: as many as transcript_limit.h
 * lets through; the others are counted and dropped. */
#ifndef QMGR_TRANSCRIPT_H
#define QMGR_TRANSCRIPT_H

#include "lib/ipc/peer.h"

/* Handler of the notice TRANSCRIPT. */
void transcript_take(struct peer *peer, struct frame *frame);

#endif
