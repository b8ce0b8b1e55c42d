/* SPDX-License-Identifier: MIT */
/* `qmgr --recover`: after an end that was not clean, moves all messages out of
 * the segments into files of their own and exits. */
#ifndef QMGR_RECOVERY_H
#define QMGR_RECOVERY_H

/* The exit status: 0 when no segment is left, EX_TEMPFAIL otherwise. */
int recovery_main(int argc, char **argv);

#endif
