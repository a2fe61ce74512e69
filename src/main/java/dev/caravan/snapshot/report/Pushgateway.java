package dev.caravan.snapshot.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.SortedMap;

/**
 * A Pushgateway, which keeps what processes that end have to say until Prometheus asks for it. What
 * it holds of one backup is one group: {@code job="datamover"}, the namespace and the backup.
 */
final class Pushgateway {

  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(3);
  private static final int LARGEST_ANSWER = 16 << 20;

  private final URI address;
  private final ReportSettings settings;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(CONNECT_LIMIT)
          .build();

  Pushgateway(URI address, ReportSettings settings) {
    this.address = address;
    this.settings = settings;
  }

  /** Adds a run to what the gateway holds of this backup. */
  void publish(MoverReport report) throws IOException, InterruptedException {
    SortedMap<Series, Double> values = MoverMeters.after(held(report), report);
    String text = Exposition.write(MoverMeters.FAMILIES, values);
    HttpRequest put =
        request(group(report))
            .header("Content-Type", Exposition.MEDIA_TYPE)
            .PUT(HttpRequest.BodyPublishers.ofString(text, StandardCharsets.UTF_8))
            .build();
    try (InputStream answer = send(put)) {
      answer.readNBytes(0);
    }
  }

  /** Without knowing what it holds nothing is pushed: a counter that falls would lie. */
  private SortedMap<Series, Double> held(MoverReport report)
      throws IOException, InterruptedException {
    try (InputStream answer = send(request("/metrics").GET().build());
        BufferedReader text =
            new BufferedReader(
                new InputStreamReader(new Limited(answer), StandardCharsets.UTF_8))) {
      return Exposition.read(text, series -> MoverMeters.isOf(series, report));
    }
  }

  private static String group(MoverReport report) {
    String namespace =
        report.namespace().isEmpty() ? "" : "/namespace@base64/" + coded(report.namespace());
    return "/metrics/job/datamover" + namespace + "/backup@base64/" + coded(report.backup());
  }

  /** A name may hold a slash, which would end it. */
  private static String coded(String value) {
    return Base64.getUrlEncoder().encodeToString(value.getBytes(StandardCharsets.UTF_8));
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address + path)).header("User-Agent", "Caravan");
    settings.authorization().ifPresent(it -> request.header("Authorization", it.reveal()));
    return request;
  }

  private InputStream send(HttpRequest request) throws IOException, InterruptedException {
    HttpResponse<InputStream> answer =
        client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    int status = answer.statusCode();
    if (status < 200 || status >= 300) {
      answer.body().close();
      throw new IOException("it answers " + status + " to " + request.method());
    }
    return answer.body();
  }

  /** Ends with an error where an answer is longer than any gateway's should be. */
  private static final class Limited extends java.io.FilterInputStream {
    private long left = LARGEST_ANSWER;

    Limited(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] into, int at, int length) throws IOException {
      int got = super.read(into, at, length);
      left -= Math.max(got, 0);
      if (left < 0) {
        throw new IOException("it answers more than " + (LARGEST_ANSWER >> 20) + " MiB");
      }
      return got;
    }
  }
}
