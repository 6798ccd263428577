#!/bin/bash
# Rebuilds samples/bin from the sources beside this script. Wants musl-gcc (Debian: musl-tools).
# Static, stripped, not position-independent, no build id: small and the same on every build.
set -eu
cd "$(dirname "$0")"
mkdir -p bin
for source in *.c; do
  musl-gcc -std=gnu11 -static -no-pie -Os -Wall -Wextra -Wno-unused-result -fno-ident -fno-asynchronous-unwind-tables \
    -fcf-protection=none -Wl,--build-id=none,-z,noseparate-code,--gc-sections -s -o "bin/${source%.c}" "$source" -lm
done
ls -l bin
