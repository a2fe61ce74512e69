#!/bin/bash
# OpenSSH on loopback, for logins of the calling user by key.  usage: sshd.sh start|stop|status|wipe
# env: LAB_DATA (required)  LAB_PORTS: five of them, for a server with a shell, with SFTP
#   only, with SFTP but none of OpenSSH's extensions, read-only, and with md5sum alone in its shell
# In LAB_DATA: id (ed25519), id_rsa (PEM), id_locked (passphrase "opensesame"), stranger (not let in),
# known_hosts, hostkey.pub
set -euo pipefail
D=${LAB_DATA:?LAB_DATA is not set}; PIDF=$D/pid; SSHD=$(command -v sshd || echo /usr/sbin/sshd)
read -r SHELLPORT ONLYPORT PLAINPORT READPORT MD5PORT <<<"${LAB_PORTS:-2222 2223 2224 2225 2226}"
alive() { local p; p=$(cat "$PIDF" 2>/dev/null) && [ -n "$p" ] && kill -0 "$p" 2>/dev/null; }
key() { [ -e "$D/$1" ] || ssh-keygen -q "${@:2}" -f "$D/$1"; }

start() {
  mkdir -p "$D"; chmod 755 "$D"
  alive && return
  # Without its folder for unprivileged processes, sshd of the distribution does not start.
  [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
  key hostkey -t ed25519 -N ''; key hostkey_rsa -t rsa -b 2048 -N ''
  key id -t ed25519 -N ''; key id_rsa -t rsa -b 2048 -m PEM -N ''
  key id_locked -t ed25519 -N opensesame; key stranger -t ed25519 -N ''
  mkdir -p "$D/bin"; for p in md5sum xargs; do ln -sf "$(command -v $p)" "$D/bin/$p"; done
  cat "$D/id.pub" "$D/id_rsa.pub" "$D/id_locked.pub" >"$D/authorized_keys"; chmod 600 "$D/authorized_keys"
  for port in $SHELLPORT $ONLYPORT $PLAINPORT $READPORT $MD5PORT; do
    echo "[127.0.0.1]:$port $(cut -d' ' -f1,2 "$D/hostkey.pub")"
  done >"$D/known_hosts"
  cat >"$D/sshd_config" <<END
Port $SHELLPORT
Port $ONLYPORT
Port $PLAINPORT
Port $READPORT
Port $MD5PORT
ListenAddress 127.0.0.1
HostKey $D/hostkey_rsa
HostKey $D/hostkey
PidFile $PIDF
AuthorizedKeysFile $D/authorized_keys
StrictModes no
PermitRootLogin yes
PasswordAuthentication yes
UsePAM no
Subsystem sftp internal-sftp
LogLevel VERBOSE
# Else bash reads the .bashrc of whoever runs the tests, which may take long.
Match LocalPort $SHELLPORT
  SetEnv SHLVL=1
Match LocalPort $ONLYPORT
  ForceCommand internal-sftp
Match LocalPort $PLAINPORT
  ForceCommand internal-sftp -P posix-rename,statvfs,fstatvfs,hardlink,fsync
Match LocalPort $READPORT
  ForceCommand internal-sftp -R
Match LocalPort $MD5PORT
  SetEnv PATH=$D/bin
END
  "$SSHD" -f "$D/sshd_config" -E "$D/log" </dev/null
  for _ in $(seq 100); do alive && return; sleep .1; done
  tail -30 "$D/log" >&2; exit 1
}

stop() {
  if alive; then
    p=$(cat "$PIDF"); kill "$p"
    for _ in $(seq 50); do kill -0 "$p" 2>/dev/null || break; sleep .1; done
  fi
  rm -f "$PIDF"
}

case ${1:-} in
  start) start; echo "sftp://$(id -un)@127.0.0.1:$SHELLPORT" ;;
  stop) stop ;;
  status) alive && echo up || { echo down; exit 1; } ;;
  wipe) stop; rm -rf --one-file-system "$D" ;;
  *) echo "usage: $0 start|stop|status|wipe" >&2; exit 2 ;;
esac
