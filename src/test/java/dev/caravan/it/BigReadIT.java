package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that is larger than any heap is read over HTTP. */
class BigReadIT {

  private static final long SIZE = 5L << 30;
  private static final int STEP = 1 << 20;
  private static final long MOST_KIB = 400 << 10;

  @TempDir Path folder;

  @Test
  void fiveGibibytesAreReadInOrderAndInLittleMemory() throws Exception {
    CaravanSetup caravan = CaravanSetup.in(folder).mirror("store.watch=false");
    caravan.jvm("-Xmx160m");
    Files.createDirectories(caravan.store());
    try (CaravanProcess daemon = caravan.start()) {
      assertThat(daemon.post("/api/storage/pause", "").status()).isEqualTo(200);
      writeMarks(caravan.store().resolve("big"));

      HttpResponse<InputStream> whole = ask(caravan, "GET");
      assertThat(whole.statusCode()).as(daemon.logs()).isEqualTo(200);
      assertThat(whole.headers().firstValueAsLong("Content-Length")).hasValue(SIZE);
      try (InputStream in = whole.body()) {
        byte[] step = new byte[STEP];
        for (long at = 0; at < SIZE; at += STEP) {
          assertThat(in.readNBytes(step, 0, STEP)).isEqualTo(STEP);
          assertThat(ByteBuffer.wrap(step).getLong()).as("what lies at %d", at).isEqualTo(at + 1);
        }
        assertThat(in.read()).isNegative();
      }
      long last = SIZE - STEP;
      HttpResponse<InputStream> end = ask(caravan, "GET", "Range", "bytes=%d-".formatted(last));
      assertThat(end.statusCode()).isEqualTo(206);
      try (InputStream in = end.body()) {
        byte[] step = in.readAllBytes();
        assertThat(step).hasSize(STEP);
        assertThat(ByteBuffer.wrap(step).getLong()).isEqualTo(last + 1);
      }
      assertThat(ask(caravan, "HEAD").headers().firstValueAsLong("Content-Length")).hasValue(SIZE);

      assertThat(daemon.peakKib()).as("peak of the memory, KiB").isBetween(1L, MOST_KIB);
    }
  }

  /** A hole, but for each step's place at its begin. */
  private static void writeMarks(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(SIZE);
      for (long at = 0; at < SIZE; at += STEP) {
        file.seek(at);
        file.writeLong(at + 1);
      }
    }
  }

  private static HttpResponse<InputStream> ask(
      CaravanSetup caravan, String method, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + caravan.port() + "/api/files/big"))
            .timeout(Duration.ofMinutes(1))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofInputStream());
  }
}
