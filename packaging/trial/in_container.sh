#!/bin/bash
# Runs inside the booted container of package_trial.py: what holds for the units while they run, told as KEY=VALUE.
chords=$1
say() { printf '%s=%s\n' "$1" "$2"; }
wait_for() { # wait_for SECONDS COMMAND…
  local left=$(($1 * 10)); shift
  until "$@" >/dev/null 2>&1; do ((left-- > 0)) || return 1; sleep 0.1; done
}
wait_for 60 systemctl --quiet is-active yibao-kiosk.service || say failed "the terminal is not active"
wait_for 60 systemctl --quiet is-active yibao-kiosk-session.service || say failed "the panel is not active"
say failed_units "$(systemctl --failed --plain --no-legend | awk '{print $1}' | tr '\n' ' ')"
for unit in yibao-kiosk-session yibao-kiosk; do
  pid=$(systemctl show -p MainPID --value $unit)
  say $unit.uid "$(awk '/^Uid:/{print $2}' /proc/$pid/status)"
  say $unit.capabilities "$(awk '/^Cap(Inh|Prm|Eff|Bnd|Amb):/{printf "%s", $2}' /proc/$pid/status)"
  say $unit.no_new_privileges "$(awk '/^NoNewPrivs:/{print $2}' /proc/$pid/status)"
  say $unit.seccomp "$(awk '/^Seccomp:/{print $2}' /proc/$pid/status)"
  say $unit.root "$(awk '$5=="/"{print $6}' /proc/$pid/mountinfo | tail -1 | cut -d, -f1)"
  say $unit.exposure "$(systemd-analyze security --no-pager $unit.service | sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p')"
done
say verify "$(systemd-analyze verify --man=no yibao-kiosk.service yibao-kiosk-session.service 2>&1 | tr '\n' ' ')"
say ctrl_alt_del "$(systemctl is-enabled ctrl-alt-del.target)"
say getty "$(systemctl is-active getty@tty1.service)"

# The demonstration under exactly the terminal's limits.
unit=/run/systemd/system/trial-demo.service
sed -e 's/^Type=.*/Type=oneshot\nTimeoutStartSec=400/; s/^TimeoutStartSec=60//; s#^ExecStart=.*#ExecStart=/usr/bin/kiosk demo --headless --out /var/lib/yibao-kiosk/demo#' \
  -e '/^Restart/d; /^WatchdogSec/d; /^\[Install\]/,$d' /lib/systemd/system/yibao-kiosk.service >$unit
systemctl daemon-reload
systemctl stop yibao-kiosk.service
began=$(date +%s)
systemctl start trial-demo.service && say demo done || say demo failed
say demo_seconds $(($(date +%s) - began))
journalctl -u trial-demo.service -o cat --no-pager | grep -E '^(ok|WRONG|card)' | sed 's/^/demo_line=/'
journalctl -u trial-demo.service -o cat --no-pager | grep -iE 'denied|not permitted|seccomp|Traceback' | sed 's/^/demo_denied=/'

# Escapes: the terminal of the hall with simulated devices, on the panel, under the same limits. The compositor now runs in an
# X server, through which keys and taps reach it as from devices.
Xvfb :77 -screen 0 1080x1920x24 -nolisten tcp >/dev/null 2>&1 &
export DISPLAY=:77
wait_for 20 xdotool getdisplaygeometry || say failed "no X server"
mkdir -p /run/systemd/system/yibao-kiosk-session.service.d
printf '[Service]\nEnvironment=WLR_BACKENDS=x11 DISPLAY=:77\n' >/run/systemd/system/yibao-kiosk-session.service.d/x11.conf
rm -f /etc/systemd/system/yibao-kiosk-session.service.d/headless.conf
mkdir -p /run/systemd/system/yibao-kiosk.service.d
printf '[Service]\nType=exec\nWatchdogSec=0\nExecStart=\nExecStart=/usr/lib/yibao-kiosk/bin/python3 -s -P /opt/trial/hall_on_panel.py /var/lib/yibao-kiosk\n' \
  >/run/systemd/system/yibao-kiosk.service.d/hall.conf
systemctl daemon-reload
systemctl restart yibao-kiosk-session.service
systemctl start yibao-kiosk.service
windows() { xwininfo -root -children | sed -n 's/^ *0x.* \([0-9]*x[0-9]*\)+[0-9-]*+[0-9-]* .*/\1/p' | tr '\n' ' '; }
for _ in $(seq 300); do [ -n "$(windows)" ] && break; sleep 0.1; done
sleep 6
# The readers' own children come and go with the reader; everything else that runs as this user must be what ran before.
processes() { ps -o args= -u kiosk | grep -vE 'grim|sleep 0|drivers.hosted' | cut -c1-90 | sort; }
shot() { runuser -u kiosk -- env XDG_RUNTIME_DIR=/run/yibao-kiosk WAYLAND_DISPLAY=wayland-0 grim "$1"; }
restarts() { systemctl show -p NRestarts --value yibao-kiosk.service yibao-kiosk-session.service | tr '\n' ' '; }
before=$(processes); restarted=$(restarts)
shot /tmp/before.png
began=$(date +%s)
python3 /opt/trial/hands.py "$chords" 20261121 1024 768 | xdotool - 2>&1 | grep -v '^$' | sort | uniq -c | sed 's/^/hands=/'
say escapes "$chords"
say escapes_seconds $(($(date +%s) - began))
[ "$(processes)" = "$before" ] && say processes same || { say processes other; diff <(echo "$before") <(processes) | sed 's/^/process_change=/'; }
[ "$(restarts)" = "$restarted" ] && say restarts none || say restarts "$(restarts)"
shot /tmp/after.png && say picture "$(python3 -c 'import struct;print(*struct.unpack(">II", open("/tmp/after.png","rb").read(24)[16:]))')"
journalctl -u yibao-kiosk.service -u yibao-kiosk-session.service -o cat --no-pager -p warning | tail -3 | cut -c1-200 | sed 's/^/last_words=/'
say windows "$(windows)"
say screens_seen "$(cat /var/lib/yibao-kiosk/screens 2>/dev/null | sort | uniq -c | awk '{printf "%s %s, ", $2, $1}')"

# An upgrade while the terminal runs: it stops, and runs again when all is there.
before=$(systemctl show -p MainPID --value yibao-kiosk.service)
began=$(date +%s)
dpkg -i /root/booted-upgrade.deb >/dev/null 2>&1 || say failed "the upgrade"
say upgrade_seconds $(($(date +%s) - began))
wait_for 30 systemctl --quiet is-active yibao-kiosk.service || say failed "the terminal does not run after the upgrade"
[ "$(systemctl show -p MainPID --value yibao-kiosk.service)" != "$before" ] && say upgrade restarted
[ -e /run/yibao-kiosk-was-running ] && say failed "the upgrade leaves its mark"
say settled 1
