#!/bin/bash
# Ceph's S3 gateway on one monitor and one OSD, loopback only, no cephx.
# usage: ceph.sh start|stop|status|wipe|cmd CEPH-ARGS...|rgwadmin ARGS...
# needs: radosgw ceph-mon ceph-osd ceph-common curl
# env:   LAB_DATA (required; short: Ceph's own paths are limited)  LAB_PORT (7480)  MON_PORT (LAB_PORT+1000)
#        OSD_SIZE bytes, the upper bound of a sparse file (20 GiB)  AK, SK: the keys of the user
set -euo pipefail
D=${LAB_DATA:?LAB_DATA is not set}; PORT=${LAB_PORT:-7480}; MP=${MON_PORT:-$((PORT + 1000))}
SIZE=${OSD_SIZE:-21474836480}; AK=${AK:-LABACCESSKEY0000001}; SK=${SK:-labsecretlabsecretlabsecretlabsecret0001}
C=$D/ceph.conf

# The monitor speaks msgr v1 only: without cephx the gateway cannot authenticate over v2.
conf() {
  mkdir -p "$D"/{mon,osd,run,log}
  [ -e "$C" ] && return
  cat >"$C" <<END
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon_host = [v1:127.0.0.1:$MP/0]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
ms_bind_ipv6 = false
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
run_dir = $D/run
admin_socket =
log_file = $D/log/\$name.log
pid_file = $D/run/\$name.pid
crash_dir = $D/run
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 8
osd_pool_default_pgp_num = 8
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_warn_on_pool_no_redundancy = false
mon_data_avail_crit = 1
[mon.a]
mon_data = $D/mon/a
[osd.0]
osd_data = $D/osd/0
osd_objectstore = bluestore
osd_memory_target = 1610612736
osd_op_queue = wpq
osd_op_num_shards = 4
osd_op_num_threads_per_shard = 2
bluestore_debug_enforce_settings = ssd
bluestore_block_create = true
bluestore_block_size = $SIZE
[client.rgw]
rgw_data = $D/run
rgw_frontends = beast endpoint=127.0.0.1:$PORT tcp_nodelay=1
rgw_thread_pool_size = 256
rgw_enable_apis = s3
rgw_crypt_require_ssl = false
rgw_crypt_s3_kms_backend = testing
rgw_crypt_s3_kms_encryption_keys = labkey=MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=
rgw_gc_obj_min_wait = 5
rgw_gc_processor_period = 10
rgw_gc_processor_max_time = 10
rgw_enable_usage_log = false
rgw_enable_ops_log = false
debug_rgw = 1/1
debug_ms = 0/0
debug_osd = 0/0
debug_bluestore = 0/0
debug_bluefs = 0/0
debug_rocksdb = 0/0
debug_mon = 0/0
debug_paxos = 0/0
END
}

alive() { local p; p=$(cat "$D/run/$1.pid" 2>/dev/null) && [ -n "$p" ] && kill -0 "$p" 2>/dev/null; }
wait_for() { local n=$1; shift; for _ in $(seq $((n * 5))); do "$@" >/dev/null 2>&1 && return 0; sleep .2; done; echo "timeout: $*" >&2; return 1; }
ceph_() { ceph -c "$C" --connect-timeout 10 "$@" </dev/null; }
osd_up() { ceph_ osd stat | grep -q '1 up'; }
rgw_up() { curl -s -o /dev/null "http://127.0.0.1:$PORT/"; }

start() {
  trap '[ $? = 0 ] || tail -n 5 "$D"/log/*.log >&2' EXIT
  conf
  if [ ! -e "$D/mon/a/store.db" ]; then
    monmaptool --create --clobber --fsid "$(awk '/^fsid/{print $3}' "$C")" --addv a "[v1:127.0.0.1:$MP/0]" "$D/monmap" >/dev/null
    ceph-mon -c "$C" -i a --mkfs --monmap "$D/monmap"
  fi
  alive mon.a || ceph-mon -c "$C" -i a
  wait_for 30 ceph_ mon stat
  if [ ! -e "$D/osd/0/whoami" ]; then
    mkdir -p "$D/osd/0"; u=$(cat /proc/sys/kernel/random/uuid)
    # The monitor answers some questions before it knows its own commands.
    wait_for 20 ceph_ osd new "$u" 0
    ceph-osd -c "$C" -i 0 --mkfs --osd-uuid "$u" >>"$D/log/mkfs.log" 2>&1
  fi
  for _ in 1 2 3 4 5 6; do alive osd.0 && break; ceph-osd -c "$C" -i 0 >/dev/null && sleep .3 || sleep .5; done
  wait_for 40 osd_up
  if [ ! -e "$D/.user" ]; then
    radosgw-admin -c "$C" -n client.rgw user create --uid=lab --display-name=lab --access-key="$AK" --secret-key="$SK" >>"$D/log/admin.log" 2>&1
    touch "$D/.user"
  fi
  for _ in 1 2 3; do alive client.rgw && break; timeout 60 radosgw -c "$C" -n client.rgw && sleep .2 || sleep .5; done
  wait_for 60 rgw_up
  echo "http://127.0.0.1:$PORT"
}

stop() {
  for n in client.rgw osd.0 mon.a; do
    alive $n || continue
    p=$(cat "$D/run/$n.pid"); kill "$p"
    for _ in $(seq 100); do kill -0 "$p" 2>/dev/null || break; sleep .1; done
    kill -9 "$p" 2>/dev/null || true
  done
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  status) for n in mon.a osd.0 client.rgw; do alive $n || { echo down; exit 1; }; done; echo up ;;
  wipe) stop; rm -rf --one-file-system "$D" ;;
  cmd) shift; ceph_ "$@" ;;
  rgwadmin) shift; radosgw-admin -c "$C" -n client.rgw "$@" ;;
  *) echo "usage: $0 start|stop|status|wipe|cmd|rgwadmin" >&2; exit 2 ;;
esac
