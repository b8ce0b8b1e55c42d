/* SPDX-License-Identifier: MIT */
/* System V ABI, x86-64. A suspended context is the stack pointer below
 *
 *	-64 MXCSR, -60 x87 control word, -56 r15, -48 r14, -40 r13, -32 r12,
 *	-24 rbx, -16 rbp, -8 return address
 *
 * that is, all that the ABI wants kept across a call. Without a property note
 * the linker leaves shadow stacks off, which this switch would not survive. */
	.text

	/* void *switch_prepare(rdi top, rsi entry, rdx argument) */
	.globl	switch_prepare
	.hidden	switch_prepare
	.type	switch_prepare, @function
	.p2align 4
switch_prepare:
	.cfi_startproc
	andq	$-16, %rdi
	leaq	switch_start(%rip), %rax
	movq	%rax, -8(%rdi)
	movq	$0, -16(%rdi)
	movq	$0, -24(%rdi)
	movq	%rsi, -32(%rdi)
	movq	%rdx, -40(%rdi)
	movq	$0, -48(%rdi)
	movq	$0, -56(%rdi)
	stmxcsr	-64(%rdi)
	fnstcw	-60(%rdi)
	leaq	-64(%rdi), %rax
	ret
	.cfi_endproc
	.size	switch_prepare, . - switch_prepare

	/* Where a new context begins: r12 entry, r13 argument. Nobody called
	 * it, and saying so ends every back trace here. */
	.type	switch_start, @function
	.p2align 4
switch_start:
	.cfi_startproc
	.cfi_undefined rip
	movq	%r13, %rdi
	call	*%r12
	ud2
	.cfi_endproc
	.size	switch_start, . - switch_start

	/* void switch_swap(rdi from, rsi to) */
	.globl	switch_swap
	.hidden	switch_swap
	.type	switch_swap, @function
	.p2align 4
switch_swap:
	.cfi_startproc
	pushq	%rbp
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbp, 0
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset rbx, 0
	pushq	%r12
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r12, 0
	pushq	%r13
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r13, 0
	pushq	%r14
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r14, 0
	pushq	%r15
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset r15, 0
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	stmxcsr	(%rsp)
	fnstcw	4(%rsp)

	movq	%rsp, (%rdi)
	movq	%rsi, %rsp

	ldmxcsr	(%rsp)
	fldcw	4(%rsp)
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	popq	%r15
	.cfi_adjust_cfa_offset -8
	.cfi_restore r15
	popq	%r14
	.cfi_adjust_cfa_offset -8
	.cfi_restore r14
	popq	%r13
	.cfi_adjust_cfa_offset -8
	.cfi_restore r13
	popq	%r12
	.cfi_adjust_cfa_offset -8
	.cfi_restore r12
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbx
	popq	%rbp
	.cfi_adjust_cfa_offset -8
	.cfi_restore rbp
	ret
	.cfi_endproc
	.size	switch_swap, . - switch_swap

	.section .note.GNU-stack, "", @progbits
