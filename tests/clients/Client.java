/* Java's own HttpClient, as it is by default; see README. */

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.stream.Stream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class Client {
	static HttpClient client = HttpClient.newHttpClient();

	static KeyManagerFactory certificate(String file) throws Exception {
		char[] password = "none".toCharArray();
		KeyStore store = KeyStore.getInstance("PKCS12");
		try (InputStream in = new FileInputStream(file)) {
			store.load(in, password);
		}
		KeyManagerFactory keys = KeyManagerFactory.getInstance(
		    KeyManagerFactory.getDefaultAlgorithm());
		keys.init(store, password);
		return keys;
	}

	static TrustManagerFactory authorities(String file) throws Exception {
		KeyStore store = KeyStore.getInstance("PKCS12");
		store.load(null, null);
		try (InputStream in = new FileInputStream(file)) {
			store.setCertificateEntry("ca", CertificateFactory
			    .getInstance("X.509").generateCertificate(in));
		}
		TrustManagerFactory trust = TrustManagerFactory.getInstance(
		    TrustManagerFactory.getDefaultAlgorithm());
		trust.init(store);
		return trust;
	}

	static void trust(String ca, String file) throws Exception {
		SSLContext context = SSLContext.getInstance("TLS");
		context.init(file == null ? null :
		    certificate(file).getKeyManagers(),
		    authorities(ca).getTrustManagers(), null);
		client = HttpClient.newBuilder().sslContext(context).build();
	}

	static BodyPublisher body(String how, int n) {
		if (how.equals("none"))
			return BodyPublishers.noBody();
		byte[] data = new byte[n];
		for (int i = 0; i < n; i++)
			data[i] = (byte)(i % 251);
		if (how.equals("chunked"))
			return BodyPublishers.ofInputStream(
			    () -> new ByteArrayInputStream(data));
		return BodyPublishers.ofByteArray(data);
	}

	static synchronized void say(String name, String kind, Object text) {
		System.out.println(name + "\t" + kind + "\t" +
		    String.valueOf(text).replace('\n', ' '));
		System.out.flush();
	}

	static void ask(String base, String[] part) throws Exception {
		HttpRequest request = HttpRequest.newBuilder(
		    URI.create(base + part[2])).method(part[1],
		    body(part[3], Integer.parseInt(part[4]))).build();
		HttpResponse<Stream<String>> response = client.send(request,
		    BodyHandlers.ofLines());
		response.body().filter(line -> !line.isEmpty()).forEach(
		    line -> say(part[0], "line", line));
		say(part[0], "status", response.statusCode());
	}

	public static void main(String[] args) throws Exception {
		if (System.getenv("CLIENT_CA") != null)
			trust(System.getenv("CLIENT_CA"),
			    System.getenv("CLIENT_CERTIFICATE"));
		BufferedReader cases = new BufferedReader(
		    new InputStreamReader(System.in));
		String line;
		while ((line = cases.readLine()) != null) {
			String[] part = line.split("\t");
			try {
				ask(args[0], part);
			} catch (Exception e) {
				say(part[0], "error", e);
			}
		}
	}
}
