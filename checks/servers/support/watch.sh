# Runs a server until the test process is gone: watch.sh DIRECTORY COMMAND...
# However that process ends, the pipe that is our standard input closes then. A line in it is
# `restart`, `stop` or `start`. WATCH_SIGNAL is what ends the server, where that is not SIGTERM.
directory=$1
shift

start() {
    rm -f "$directory/exited"
    echo started >>"$directory/starts"
    (
        "$@" </dev/null >"$directory/output" 2>&1 &
        echo $! >"$directory/pid"
        wait $!
        : >"$directory/exited"
    ) &
}

finish() {
    [ -e "$directory/exited" ] && return
    server=$(cat "$directory/pid")
    # A process whose client never rests would live on without the server.
    children=$(cat "/proc/$server/task/$server/children" 2>/dev/null)
    kill -s "${WATCH_SIGNAL:-TERM}" "$server"
    tenths=0
    until [ -e "$directory/exited" ] || [ $tenths -ge 100 ]; do
        sleep 0.1
        tenths=$((tenths + 1))
    done
    [ -e "$directory/exited" ] || kill -9 "$server"
    # shellcheck disable=SC2086 # one word each
    [ -z "$children" ] || kill -9 $children 2>/dev/null
    wait
}

start "$@"
while read -r order; do
    [ "$order" = start ] || finish
    [ "$order" = stop ] || start "$@"
done
finish
wait
rm -rf -- "$directory"
