package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.lab.FakeAlpha;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 in the middle of a big upload: what S3 has is not sent again. */
class DsyncResumeIT {

  private static final int PART = 5 << 20;
  private static final int PARTS = 12;

  /** The first so many parts arrive before the kill; the next are under way at that moment. */
  private static final int ARRIVE = 6;

  private static final int HANDS = 4;
  private static final Pattern PART_NUMBER = Pattern.compile("^PUT .*[?&]partNumber=([0-9]+)");

  @TempDir Path folder;

  @Test
  void afterAKillOnlyThePartsThatWereUnderWayAreSentAgain() throws Exception {
    byte[] content = new byte[PART * PARTS - 77];
    new Random(11).nextBytes(content);
    content[0] = 1;
    try (DsyncSetup dsync = new DsyncSetup(folder);
        GateProxy gate = new GateProxy(dsync.bucket().endpoint().orElseThrow().getPort())) {
      dsync.endpoint("127.0.0.1:" + gate.port());
      CaravanSetup setup = dsync.caravan().set("dgraph.part_size=5MiB", "dgraph.naming=dated");
      GateProxy.Hold hold =
          gate.hold(GateProxy.Side.BEFORE, 0, HANDS, line -> number(line) > ARRIVE);
      Path dir;
      try (CaravanProcess caravan = dsync.start(setup)) {
        String id = dsync.export();
        dir = dsync.alpha().write(FakeAlpha.folder(12));
        Files.write(dir.resolve("g01.rdf.gz"), content);
        dsync.alpha().task(id, "Success");
        assertThat(hold.await(30_000)).as("parts are under way%s", caravan.logs()).isTrue();
        caravan.kill9();
      }
      int before = gate.seen().size();
      gate.open();
      try (CaravanProcess caravan = dsync.start(setup)) {
        DsyncSetup.await(caravan, "\"done\"");
      }
      List<String> all = gate.seen();
      List<Integer> first = numbers(all.subList(0, before));
      List<Integer> second = numbers(all.subList(before, all.size()));
      assertThat(first).hasSize(ARRIVE + HANDS).contains(1, 2, 3, 4, 5, 6);
      assertThat(second).as("sent after the kill").hasSize(PARTS - ARRIVE).doesNotHaveDuplicates();
      assertThat(second).allMatch(number -> number > ARRIVE);
      List<Integer> again = new ArrayList<>(second);
      again.retainAll(first);
      assertThat(again).as("sent again").hasSize(HANDS);
      assertThat(all)
          .filteredOn(head -> head.matches("(?s)POST [^ ]*g01[^ ]*[?&]uploads.*"))
          .as("begun once")
          .hasSize(1);
      carriesTheKey(all);
      Map<String, byte[]> objects = dsync.objects();
      assertThat(objects).hasSize(2);
      assertThat(objects.values()).anyMatch(object -> Arrays.equals(object, content));
      assertThat(dsync.uploadsLeft()).isZero();
      assertThat(dir).doesNotExist();
    }
  }

  /** All three headers, with the right key, on all that concerns the object. */
  private static void carriesTheKey(List<String> heads) throws Exception {
    String md5 = "x-amz-server-side-encryption-customer-key-md5: " + DsyncSetup.md5(DsyncSetup.KEY);
    for (String head : heads) {
      String line = GateProxy.line(head);
      boolean lists = line.startsWith("GET ") && line.contains("uploadId=");
      if (line.contains("/g01.rdf.gz") && !line.startsWith("DELETE ") && !lists) {
        String lower = head.toLowerCase(Locale.ROOT);
        assertThat(lower)
            .contains("x-amz-server-side-encryption-customer-algorithm: aes256")
            .contains("x-amz-server-side-encryption-customer-key: ")
            .contains(md5.toLowerCase(Locale.ROOT));
      }
    }
  }

  private static List<Integer> numbers(List<String> heads) {
    return heads.stream().map(DsyncResumeIT::number).filter(number -> number > 0).toList();
  }

  private static int number(String line) {
    Matcher part = PART_NUMBER.matcher(line);
    return part.find() ? Integer.parseInt(part.group(1)) : 0;
  }
}
