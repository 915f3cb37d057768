# SPDX-License-Identifier: MIT
"""Guests that do nothing but run: generated assembly, built as a kernel that
both we and QEMU boot (no operating system, power-off by PSCI).

Each loop is run twice, with few and with many turns; the difference is the
loop alone, without start-up.
"""
import random
import shutil
import subprocess

CROSS = "aarch64-linux-gnu-"

# The header of Linux Documentation/arch/arm64/booting.rst; code at 64.
HEAD = """
	.arch armv8-a
	b	start
	.word	0
	.quad	0, {size}, 0xa, 0, 0, 0
	.ascii	"ARM\\x64"
	.word	0
start:	adrp	x28, data
	add	x28, x28, :lo12:data
	add	x10, x28, {stack}
	mov	sp, x10
	movz	x27, {turns_low}
	movk	x27, {turns_high}, lsl 16
"""

TAIL = """
	subs	x27, x27, 1
	b.ne	turn
	movz	w0, 0x0008
	movk	w0, 0x8400, lsl 16
	hvc	0
	b	.
	.balign	4096
data:
"""

SPACE = 1 << 20


def integer():
    """Arithmetic in registers, 24 instructions a turn."""
    return "turn:\n" + "\n".join(
        f"	add	x{i}, x{(i + 1) % 8}, x{(i + 3) % 8}, lsl {i + 1}\n"
        f"	eor	x{i}, x{i}, x{(i + 5) % 8}\n"
        f"	mul	x{(i + 2) % 8}, x{i}, x{(i + 1) % 8}" for i in range(8))


def memory():
    """Copying 32 KiB by words and pairs."""
    return """
turn:	mov	x0, x28
	add	x1, x28, 0x10000
	movz	x2, 1024
1:	ldp	x3, x4, [x0], 16
	ldr	x5, [x0], 8
	ldr	x6, [x0], 8
	stp	x3, x4, [x1], 16
	str	x5, [x1], 8
	str	x6, [x1], 8
	subs	x2, x2, 1
	b.ne	1b
"""


def branchy():
    """A generator of random bits steers eight branches a turn."""
    lines = ["turn:	movz	x9, 0x9e37", "	movk	x9, 0x79b9, lsl 16",
             "	madd	x0, x0, x9, x9", "	lsr	x1, x0, 20"]
    for bit in range(8):
        lines += [f"	tbz	x1, {bit}, 1f", f"	add	x2, x2, {bit}",
                  "	b	2f", "1:	sub	x3, x3, 1",
                  "	cmp	x3, x2", "	csinc	x4, x3, x4, lt", "2:"]
    return "\n".join(lines)


def body(rng, number):
    """A function's worth of mixed code, and a leaf that it calls."""
    r = rng.sample(range(8), 4)
    off = rng.randrange(0, 2048) * 8
    skip = "	b.ne	1f" if rng.random() < 0.9 else "	b.eq	1f"
    return f"""
f{number}:	stp	x29, x30, [sp, -16]!
	mul	x{r[0]}, x{r[1]}, x{r[2]}
	and	x{r[3]}, x{r[0]}, 0x{(1 << rng.randrange(2, 12)) - 1:x}
	ldr	x9, [x28, {off}]
	tst	x9, 0x{1 << rng.randrange(0, 20):x}
{skip}
	add	x{r[1]}, x{r[1]}, {rng.randrange(1, 4000)}
1:	add	x{r[2]}, x{r[3]}, x9, lsl {rng.randrange(1, 60)}
	eor	x{r[0]}, x{r[0]}, x{r[2]}, lsr {rng.randrange(1, 60)}
	str	x{r[0]}, [x28, {off}]
	ldrb	w10, [x28, {off % 4096}]
	add	w10, w10, 1
	strb	w10, [x28, {off % 4096}]
	bl	leaf{number}
	cmp	x{r[1]}, x{r[2]}
	csel	x{r[3]}, x{r[1]}, x{r[2]}, hi
	cbz	x{r[3]}, 2f
	sub	x{r[3]}, x{r[3]}, 1
2:	ldp	x29, x30, [sp], 16
	ret
leaf{number}:	add	x11, x11, x{r[0]}
	ror	x11, x11, {rng.randrange(1, 63)}
	ret
"""


def wide(count):
    """`count` functions, each different, called in turn."""
    rng = random.Random(count)
    calls = "".join(f"\tbl\tf{n}\n" for n in range(count))
    # The functions stand behind the power-off: see build().
    return "turn:\n" + calls, "".join(body(rng, n) for n in range(count))


LOOPS = (
    ("integer", integer, 2000000),
    ("memory", memory, 4000),
    ("branches", branchy, 800000),
    ("64 functions", lambda: wide(64), 30000),
    ("2048 functions", lambda: wide(2048), 1000),
)


def available():
    return shutil.which(CROSS + "gcc") is not None


def build(folder, loop, turns):
    """The loop as a kernel image; its path."""
    made = loop()
    code, functions = made if isinstance(made, tuple) else (made, "")
    tail = TAIL.replace("\tb\t.\n", "\tb\t.\n" + functions)
    source = folder / "loop.S"
    source.write_text(HEAD.format(size=4 << 20, stack=SPACE,
                                  turns_low=turns & 0xffff,
                                  turns_high=turns >> 16) + code + tail)
    elf, image = folder / "loop.elf", folder / f"loop-{turns}.img"
    subprocess.run([CROSS + "gcc", "-nostdlib", "-static", "-Wl,-Ttext=0",
                    "-Wl,--entry=0", "-Wl,--build-id=none", "-o", elf, source], check=True)
    subprocess.run([CROSS + "objcopy", "-O", "binary", "-j", ".text", elf,
                    image], check=True)
    return image
