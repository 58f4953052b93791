# Prints a token that has expired, and with --renew one that has not.
case "$1" in
    --renew) echo ya29.a-token-that-is-good-for-an-hour ;;
    *) echo one-that-has-expired ;;
esac
