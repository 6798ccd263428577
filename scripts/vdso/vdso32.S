// The vDSO of 32-bit programs: the way into the kernel, and where handlers return to. By i386's conventions for linux-gate.so.1:
// edx, ecx and ebp are kept on the stack, ebp is the stack pointer for SYSENTER, and the kernel comes back to the landing pad.
	.text
	.globl	__kernel_vsyscall
	.type	__kernel_vsyscall, @function
__kernel_vsyscall:
	push	%ecx
	push	%edx
	push	%ebp
	mov	%esp, %ebp
	sysenter
	int	$0x80
	.globl	int80_landing_pad
int80_landing_pad:
	pop	%ebp
	pop	%edx
	pop	%ecx
	ret
	.size	__kernel_vsyscall, . - __kernel_vsyscall

	.balign	32
	.globl	__kernel_sigreturn
	.type	__kernel_sigreturn, @function
__kernel_sigreturn:
	pop	%eax
	mov	$119, %eax
	int	$0x80
	.size	__kernel_sigreturn, . - __kernel_sigreturn

	.balign	32
	.globl	__kernel_rt_sigreturn
	.type	__kernel_rt_sigreturn, @function
__kernel_rt_sigreturn:
	mov	$173, %eax
	int	$0x80
	.size	__kernel_rt_sigreturn, . - __kernel_rt_sigreturn

	.section .note.GNU-stack, "", @progbits
