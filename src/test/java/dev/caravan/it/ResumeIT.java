package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.ByteSize;
import dev.caravan.lab.S3Bucket;
import dev.caravan.lab.S3Server;
import dev.caravan.remote.s3.S3Clients;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.s3.S3Client;

/** kill -9 while a big file of the store is sent: what the bucket has is not sent again. */
class ResumeIT {

  private static final int KILLS = Integer.getInteger("caravan.kills", 15);
  private static final int HANDS = 4;
  private static final int MIB = 1 << 20;
  private static final Pattern PART_NUMBER = Pattern.compile("^PUT .*[?&]partNumber=([0-9]+)");

  @TempDir Path folder;
  private final long seed = Long.getLong("caravan.seed", System.nanoTime());
  private final Random random = new Random(seed);

  @Test
  void afterAKillOnlyThePartsThatWereUnderWayAreSentAgain() throws Exception {
    killAndGoOn(7, 3, 5 * MIB);
  }

  @Test
  @Tag("soak")
  void aGibibyteThatIsKilledAtNineTenthsIsNotSentAgain() throws Exception {
    killAndGoOn(64, 58, 16 * MIB);
  }

  /**
   * Kills when so many parts have arrived and all hands send others.
   *
   * @param partBytes of each part but the last
   */
  private void killAndGoOn(int parts, int arrive, int partBytes) throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket().partSize(ByteSize.ofMebibytes(partBytes / MIB));
    try (GateProxy gate = new GateProxy(bucket.settings().endpoint().orElseThrow().getPort())) {
      CaravanSetup caravan = setup(bucket, gate);
      long size = (long) parts * partBytes - 77;
      write(caravan.store().resolve("big.bin"), size);
      GateProxy.Hold hold =
          gate.hold(GateProxy.Side.BEFORE, 0, HANDS, line -> number(line) > arrive);
      try (CaravanProcess sync = caravan.launched("sync")) {
        assertThat(hold.await(120_000)).as("parts are under way%s", sync.logs()).isTrue();
        sync.kill9();
      }
      List<String> first = gate.seen();
      assertThat(partsOf(first)).as("sent before").hasSize(arrive + HANDS);
      assertThat(uploadsLeft(bucket)).as("cut off").isOne();
      gate.open();

      Outcome sync = caravan.cli("sync");
      assertThat(sync.exitCode()).as("%s", sync).isZero();
      List<String> all = gate.seen();
      List<String> second = all.subList(first.size(), all.size());
      List<Integer> numbers = partsOf(second);
      assertThat(numbers).hasSize(parts - arrive).doesNotHaveDuplicates();
      assertThat(numbers).allMatch(number -> number > arrive);
      assertThat(bytesOf(second)).isEqualTo(size - (long) arrive * partBytes);
      numbers.retainAll(partsOf(first));
      assertThat(numbers).as("sent again").hasSizeLessThanOrEqualTo(HANDS);
      assertThat(all.stream().filter(ResumeIT::begins)).as("begun").hasSize(1);
      Mirrored.assertEqual(caravan.store(), bucket.disk());
      assertThat(uploadsLeft(bucket)).as("left").isZero();
    }
  }

  /** Whatever the request, and whatever becomes of the file: one cycle later nothing is left. */
  @Test
  @Tag("soak")
  void afterManyKillsNothingIsLeftOneCycleLater() throws Exception {
    S3Bucket bucket = S3Server.S3PROXY.newBucket();
    int cutOff = 0;
    try (GateProxy gate = new GateProxy(bucket.settings().endpoint().orElseThrow().getPort())) {
      CaravanSetup caravan = setup(bucket, gate);
      Trees.write(caravan.store().resolve("small.txt"), "stays");
      for (int kill = 0; kill < KILLS; kill++) {
        String round = "kill %d, seed %d".formatted(kill, seed);
        Path file = caravan.store().resolve("big-" + kill % 3 + ".bin");
        write(file, 36L * MIB);
        GateProxy.Side side = random.nextBoolean() ? GateProxy.Side.BEFORE : GateProxy.Side.AFTER;
        GateProxy.Hold hold = gate.hold(side, 0, 1, any(kill));
        try (CaravanProcess sync = caravan.launched("sync")) {
          assertThat(hold.await(60_000)).as("%s%s", round, sync.logs()).isTrue();
          sync.kill9();
        }
        gate.open();
        cutOff += uploadsLeft(bucket);
        change(file, random.nextInt(5));
        Outcome sync = caravan.cli("sync");
        assertThat(sync.exitCode()).as("%s: %s", round, sync).isZero();
        assertThat(uploadsLeft(bucket)).as(round).isZero();
        if (Files.exists(file)) {
          Mirrored.assertEqual(caravan.store(), bucket.disk());
        } else {
          caravan.cli("sync");
        }
      }
      assertThat(cutOff).as("uploads that were under way").isGreaterThan(KILLS / 3);
    }
  }

  /** A begin, a part or a completion. */
  private Predicate<String> any(int kill) {
    int part = 1 + random.nextInt(7);
    return switch (kill % 4) {
      case 0 -> ResumeIT::begins;
      case 1 -> line -> line.startsWith("POST ") && line.contains("uploadId=");
      default -> line -> number(line) == part;
    };
  }

  private void change(Path file, int how) throws Exception {
    switch (how) {
      case 0 -> write(file, 34L * MIB);
      case 1 -> Files.delete(file);
      case 2 -> Files.setLastModifiedTime(file, FileTime.fromMillis(1));
      default -> {
        // It stays as it is.
      }
    }
  }

  private CaravanSetup setup(S3Bucket bucket, GateProxy gate) {
    URI endpoint = URI.create("http://127.0.0.1:" + gate.port());
    CaravanSetup caravan = CaravanSetup.in(folder).mirror();
    return caravan.config(S3Yaml.of(caravan.store(), bucket.endpoint(endpoint).settings()));
  }

  private void write(Path file, long bytes) throws Exception {
    byte[] block = new byte[MIB];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (long left = bytes; left > 0; left -= block.length) {
        random.nextBytes(block);
        out.write(block, 0, (int) Math.min(left, block.length));
      }
    }
  }

  private static boolean begins(String head) {
    return GateProxy.line(head + "\r").matches("POST [^ ]*[?&]uploads(=|&| ).*");
  }

  private static List<Integer> partsOf(List<String> heads) {
    List<Integer> numbers = new ArrayList<>();
    heads.stream().map(ResumeIT::number).filter(number -> number > 0).forEach(numbers::add);
    return numbers;
  }

  private static long bytesOf(List<String> heads) {
    return heads.stream()
        .filter(head -> number(head) > 0)
        .mapToLong(head -> HttpWire.length(head.toLowerCase(Locale.ROOT)))
        .sum();
  }

  private static int number(String line) {
    Matcher part = PART_NUMBER.matcher(line);
    return part.find() ? Integer.parseInt(part.group(1)) : 0;
  }

  private static int uploadsLeft(S3Bucket bucket) {
    try (S3Client client = S3Clients.client(bucket.settings())) {
      return client
          .listMultipartUploads(b -> b.bucket(bucket.settings().bucket()))
          .uploads()
          .size();
    }
  }
}
