package dev.caravan.remote.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.lab.S3Bucket;
import dev.caravan.remote.ObjectKey;
import dev.caravan.remote.s3.ScriptedServer.Answer;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** A proxy that is set up for Java is used: the server itself cannot be reached here. */
@Isolated
class ProxyTest {

  @AfterEach
  void noProxy() {
    System.clearProperty("http.proxyHost");
    System.clearProperty("http.proxyPort");
  }

  @Test
  void requestsGoThroughTheProxy() throws Exception {
    try (ScriptedServer proxy = new ScriptedServer()) {
      proxy.says(
          exchange ->
              exchange.getRequestURI().getPath().endsWith("gone")
                  ? new Answer(404, Map.of(), "")
                  : new Answer(200, Map.of("ETag", "\"e\"", "Content-Length", "7"), ""));
      System.setProperty("http.proxyHost", "127.0.0.1");
      System.setProperty(
          "http.proxyPort", Integer.toString(URI.create(proxy.endpoint()).getPort()));
      try (S3Remote remote =
          new S3Remote(
              S3Bucket.at("http://s3.nowhere.invalid:9000").settings(),
              new RecordingJournal(),
              Clock.systemUTC())) {
        assertThat(remote.find(new ObjectKey("a b")).orElseThrow().etag()).contains("e");
        assertThat(remote.find(new ObjectKey("gone"))).isEmpty();
      }
      assertThat(proxy.asked())
          .allMatch(line -> line.startsWith("HEAD http://s3.nowhere.invalid:9000/"))
          .anyMatch(line -> line.endsWith("/a%20b"));
      assertThat(proxy.authorizations()).allMatch(each -> each.startsWith("AWS4-HMAC-SHA256 "));
    }
  }
}
