#!/bin/sh
# Runs a command with bounds on the memory that Node and the C library keep without need; docs/decisions/0023 says what
# each of them is for. Whoever wants others runs `node FLAGS cli/main.ts COMMAND`.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-1}"
exec node --max-semi-space-size=16 --heap-growing-percent=100 --no-parallel-scavenge \
  "$(dirname -- "$0")/main.ts" "$@"
