/* Java's own HttpClient, as it is by default; see README. */

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.stream.Stream;

public class Client {
	static final HttpClient client = HttpClient.newHttpClient();

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
