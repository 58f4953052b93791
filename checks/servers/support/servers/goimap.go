// The in-memory server of go-imap v1: goimap PORT TLSPORT CERTIFICATE KEY. It knows one user,
// "username" with "password", whose INBOX is empty at first.
package main

import (
	"crypto/tls"
	"log"
	"os"

	"github.com/emersion/go-imap/backend/memory"
	"github.com/emersion/go-imap/server"
)

func main() {
	certificate, err := tls.LoadX509KeyPair(os.Args[3], os.Args[4])
	if err != nil {
		log.Fatal(err)
	}
	config := &tls.Config{Certificates: []tls.Certificate{certificate}}
	backend := memory.New()
	user, err := backend.Login(nil, "username", "password")
	if err != nil {
		log.Fatal(err)
	}
	inbox, err := user.GetMailbox("INBOX")
	if err != nil {
		log.Fatal(err)
	}
	inbox.(*memory.Mailbox).Messages = nil
	plain := server.New(backend)
	plain.Addr = "127.0.0.1:" + os.Args[1]
	plain.AllowInsecureAuth = true
	plain.TLSConfig = config
	secure := server.New(backend)
	secure.Addr = "127.0.0.1:" + os.Args[2]
	secure.TLSConfig = config
	go func() { log.Fatal(secure.ListenAndServeTLS()) }()
	log.Fatal(plain.ListenAndServe())
}
