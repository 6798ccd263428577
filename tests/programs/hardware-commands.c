// ioctls of precision clocks, flash volumes, pins and files that share blocks, on no file: their arguments say something, nothing, are cut off by the
// end of memory, or are not there.
#define _GNU_SOURCE
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/gpio.h>
#include <linux/ptp_clock.h>
#include <mtd/ubi-user.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SIZE 8192

static const unsigned long commands[] = {
    FS_IOC_FIEMAP, FIDEDUPERANGE, PTP_EXTTS_REQUEST, PTP_EXTTS_REQUEST2, PTP_PEROUT_REQUEST, PTP_PEROUT_REQUEST2, PTP_ENABLE_PPS,
    PTP_SYS_OFFSET, PTP_SYS_OFFSET2, PTP_SYS_OFFSET_EXTENDED, PTP_PIN_GETFUNC, PTP_PIN_SETFUNC, PTP_PIN_GETFUNC2, PTP_PIN_SETFUNC2,
    UBI_IOCMKVOL, UBI_IOCRMVOL, UBI_IOCRSVOL, UBI_IOCRNVOL, UBI_IOCATT, UBI_IOCDET, UBI_IOCVOLUP, UBI_IOCEBER, UBI_IOCEBCH, UBI_IOCEBMAP,
    UBI_IOCEBUNMAP, UBI_IOCEBISMAP, UBI_IOCSETVOLPROP, UBI_IOCVOLCRBLK, UBI_IOCVOLRMBLK, UBI_IOCRPEB, UBI_IOCSPEB,
    GPIO_GET_LINEINFO_IOCTL, GPIO_GET_LINEHANDLE_IOCTL, GPIO_GET_LINEEVENT_IOCTL, GPIOHANDLE_SET_LINE_VALUES_IOCTL,
    GPIOHANDLE_SET_CONFIG_IOCTL, GPIO_V2_GET_LINEINFO_IOCTL, GPIO_V2_GET_LINEINFO_WATCH_IOCTL, GPIO_V2_GET_LINE_IOCTL,
    GPIO_V2_LINE_SET_CONFIG_IOCTL, GPIO_V2_LINE_GET_VALUES_IOCTL, GPIO_V2_LINE_SET_VALUES_IOCTL, GPIO_GET_LINEINFO_WATCH_IOCTL,
    GPIO_GET_LINEINFO_UNWATCH_IOCTL,
};

static unsigned char* page;

static void ask(unsigned long command, const void* argument)
{
    syscall(SYS_ioctl, -1, command, argument);
}

/* One value in an argument that says nothing else. */
static void with(unsigned long command, unsigned at, unsigned long value)
{
    memset(page, 0, SIZE);
    memcpy(page + at, &value, sizeof value);
    ask(command, page);
}

int main(void)
{
    page = mmap(0, SIZE + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(page + SIZE, 4096, PROT_NONE);
    for (unsigned i = 0; i < sizeof commands / sizeof *commands; i++) {
        for (int kind = 0; kind < 3; kind++) {
            for (int at = 0; at < SIZE; at++)
                page[at] = kind == 0 ? 0 : kind == 1 ? (at % 4 == 0 ? at / 4 % 250 + 1 : 0) : (at * 37 + 11) & 255;
            ask(commands[i], page);
        }
        ask(commands[i], page + SIZE);
        ask(commands[i], 0);
    }
    for (int bit = 0; bit < 16; bit++) {
        with(FS_IOC_FIEMAP, 16, 1ul << bit);
        with(PTP_EXTTS_REQUEST2, 4, 1ul << bit);
        with(PTP_PEROUT_REQUEST2, 36, 1ul << bit);
        with(PTP_PIN_SETFUNC, 68, bit);
        with(UBI_IOCMKVOL, 16, bit);
        with(UBI_IOCMKVOL, 17, 1ul << bit);
        with(UBI_IOCEBCH, 8, bit);
        with(UBI_IOCSETVOLPROP, 0, bit);
        with(GPIO_GET_LINEHANDLE_IOCTL, 256, 1ul << bit);
        with(GPIO_GET_LINEEVENT_IOCTL, 8, 1ul << bit);
        with(GPIO_V2_LINE_SET_CONFIG_IOCTL, 0, 1ul << bit);
        memset(page, 0, SIZE);
        page[8] = bit;
        page[32] = bit;
        page[40] = 5;
        page[48] = 3;
        ask(GPIO_V2_LINE_SET_CONFIG_IOCTL, page);
        memset(page, 0, SIZE);
        page[0] = bit;
        memcpy(page + 16 + 4, "\3\0\0\0volume", 10);
        ask(UBI_IOCRNVOL, page);
    }
    return 0;
}
