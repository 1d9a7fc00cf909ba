// Go's net/http as a client; see README.
package main

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

var base = os.Args[1]

// What comes from it has no length that net/http could know.
type unsized struct{ io.Reader }

func body(how string, n int) io.Reader {
	if how == "none" {
		return nil
	}
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(i % 251)
	}
	if how == "chunked" {
		return unsized{bytes.NewReader(data)}
	}
	return bytes.NewReader(data)
}

func say(name, kind, text string) {
	fmt.Printf("%s\t%s\t%s\n", name, kind, strings.ReplaceAll(text, "\n", " "))
}

func ask(name, method, target, how string, n int) error {
	request, err := http.NewRequest(method, base+target, body(how, n))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var all strings.Builder
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if lines.Text() != "" {
			say(name, "line", lines.Text())
		}
		all.WriteString(lines.Text())
	}
	if lines.Err() != nil {
		return lines.Err()
	}
	say(name, "status", strconv.Itoa(response.StatusCode))
	return nil
}

// trust has net/http speak TLS as the environment says.
func trust(ca, certificate string) error {
	pem, err := os.ReadFile(ca)
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	config := &tls.Config{RootCAs: roots}
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, certificate)
		if err != nil {
			return err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	http.DefaultTransport.(*http.Transport).TLSClientConfig = config
	return nil
}

func main() {
	if ca := os.Getenv("CLIENT_CA"); ca != "" {
		err := trust(ca, os.Getenv("CLIENT_CERTIFICATE"))
		if err != nil {
			panic(err)
		}
	}
	cases := bufio.NewScanner(os.Stdin)
	for cases.Scan() {
		part := strings.Split(cases.Text(), "\t")
		n, _ := strconv.Atoi(part[4])
		err := ask(part[0], part[1], part[2], part[3], n)
		if err != nil {
			say(part[0], "error", err.Error())
		}
	}
}
