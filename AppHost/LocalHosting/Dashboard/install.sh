#!/bin/sh
# Installs the Aspire dashboard into a directory of its own: install.sh DIRECTORY VERSION
# Takes it from npm (no container, no .NET tool) and does nothing when it is already there. The program is DIRECTORY/bundle/managed/aspire-managed.
set -eu

directory=$1
version=$2
program="$directory/bundle/managed/aspire-managed"
[ ! -x "$program" ] || exit 0

case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) package=@microsoft/aspire-cli-linux-x64 ;;
    Linux-aarch64) package=@microsoft/aspire-cli-linux-arm64 ;;
    *) echo "There is no Aspire dashboard for $(uname -s) on $(uname -m)." >&2; exit 1 ;;
esac
command -v npm > /dev/null || { echo "npm is not installed: install the package npm." >&2; exit 1; }

# The tool insists on a home that exists; ours keeps it from touching the user's own Aspire.
mkdir -p "$directory/home"
npm install --prefix "$directory" --no-audit --no-fund --loglevel=error "$package@$version" > /dev/null
HOME="$directory/home" ASPIRE_HOME="$directory" ASPIRE_CLI_TELEMETRY_OPTOUT=1 \
    "$directory/node_modules/$package/bin/aspire" --nologo --non-interactive setup --install-path "$directory" > "$directory/install.log" 2>&1 \
    || { echo "The Aspire dashboard could not be unpacked: see $directory/install.log." >&2; exit 1; }
[ -x "$program" ] || { echo "The Aspire dashboard was unpacked, but $program is not there." >&2; exit 1; }

# Unpacked, the archive of 145 MB is no longer needed.
rm -rf "$directory/node_modules" "$directory/package.json" "$directory/package-lock.json"
