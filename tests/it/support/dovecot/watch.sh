# Runs a server until the test process is gone: watch.sh DIRECTORY COMMAND...
# However that process ends, the pipe that is our standard input closes then.
directory=$1
shift

(
    "$@" </dev/null >"$directory/output" 2>&1 &
    echo $! >"$directory/pid"
    wait $!
    : >"$directory/exited"
) &

cat >/dev/null

if [ ! -e "$directory/exited" ]; then
    server=$(cat "$directory/pid")
    kill "$server"
    tenths=0
    until [ -e "$directory/exited" ] || [ $tenths -ge 100 ]; do
        sleep 0.1
        tenths=$((tenths + 1))
    done
    [ -e "$directory/exited" ] || kill -9 "$server"
fi
wait
rm -rf -- "$directory"
