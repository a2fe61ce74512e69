package dev.caravan.config.read;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.config.read.ConfigReader.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in the file: problems come back, nothing is thrown, no secret is shown. */
class MangledFilesTest {
  private static final String SECRET = "XyZZy0SecretWord9";
  private static final String FULL =
      """
      store: {path: a, exclude: ["x/**"], settle: 2s}
      storage:
        sync_interval: 10
        bandwidth: 10MiB/s
        max_delete: 10%
        remotes:
          - provider: s3
            bucket: &b bucket
            endpoint: http://localhost:9000
            access_key_id: AKIA
            secret_access_key: SECRET
            session_token: "SECRET"
            sse: customer
            sse_customer_key: 'SECRET-SECRET-32'
          - {provider: dir, path: /mnt/x, name: *b}
      http: {host: 0.0.0.0, auth_token: SECRET, port: 8080}
      settings: {ui_auth_token: SECRET, ui_port: 8080}
      alerts:
        ping_url: ${PING:-https://ping.example.org/SECRET}
      camel:
        component.x.password: SECRET
      """
          .replace("SECRET", SECRET);

  @TempDir Path folder;

  @Test
  void mangledFilesGiveProblemsOrSettingsAndNeverThrow() throws IOException {
    String sample = Files.readString(Path.of("config/caravan.yaml"));
    long seed = Long.getLong("caravan.seed", 20261121L);
    System.out.println("MangledFilesTest seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 2_500; i++) {
      byte[] mangled = mangle(i % 5 == 0 ? FULL : sample, random);
      Files.write(folder.resolve("c.yaml"), mangled);
      Result result =
          new ConfigReader(Map.of(), folder).read(Optional.of(Path.of("c.yaml")), List.of());
      assertThat(result.settings().isPresent()).isEqualTo(result.problems().isEmpty());
      for (Problem problem : result.problems()) {
        assertThat(problem.text()).as("round %d", i).startsWith("c.yaml").doesNotContain("\n");
        assertThat(problem.message()).isNotBlank();
      }
    }
  }

  @Test
  void noSecretIsShownWhateverIsWrongAroundIt() throws IOException {
    long seed = Long.getLong("caravan.seed", 7L);
    System.out.println("MangledFilesTest secrets seed " + seed);
    Random random = new Random(seed);
    List<String> lines = FULL.lines().toList();
    for (int i = 0; i < 1_000; i++) {
      Files.writeString(folder.resolve("c.yaml"), shuffled(lines, random));
      String set = List.of("http.auth_token=[" + SECRET, SECRET, "http.port=" + SECRET).get(i % 3);
      Result result =
          new ConfigReader(Map.of(), folder).read(Optional.of(Path.of("c.yaml")), List.of(set));
      assertThat(result.toString()).as("round %d", i).doesNotContain(SECRET);
    }
  }

  @Test
  void printingGoodSettingsShowsNoSecret() {
    String good = FULL.replace(SECRET + "-" + SECRET + "-32", "k".repeat(32));
    String sets = "storage.remotes[0].allow_insecure=true";
    Result result = new Reading(folder).read(good, Map.of(), sets);
    assertThat(result.problems()).isEmpty();
    assertThat(result.settings().orElseThrow().camel()).containsValue(SECRET);
    assertThat(result.toString()).contains("bucket").doesNotContain(SECRET, "k".repeat(32));
  }

  /** Some lines dropped, moved, doubled or indented: secrets end up in all kinds of places. */
  private static String shuffled(List<String> lines, Random random) {
    List<String> copy = new ArrayList<>(lines);
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      int at = random.nextInt(copy.size());
      switch (random.nextInt(6)) {
        case 0 -> copy.remove(at);
        case 4 -> copy.set(at, copy.get(at).replaceFirst("(token|key): ", "$1 "));
        case 1 -> copy.add(random.nextInt(copy.size()), copy.get(at));
        case 2 -> copy.set(at, "  " + copy.get(at));
        case 3 -> Collections.swap(copy, at, random.nextInt(copy.size()));
        default -> {
          String odd = ": " + "*&!%@${".charAt(random.nextInt(7));
          copy.set(at, copy.get(at).replace(": ", odd));
        }
      }
    }
    return String.join("\n", copy);
  }

  private static byte[] mangle(String text, Random random) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    List<Byte> result = new ArrayList<>();
    for (byte b : bytes) {
      result.add(b);
    }
    byte[] spice = "\t\n :-[]{}\"'#&*!|>%@`,?~0\\\u0000$<".getBytes(StandardCharsets.UTF_8);
    for (int n = 1 + random.nextInt(8); n > 0; n--) {
      int at = random.nextInt(result.size());
      switch (random.nextInt(4)) {
        case 0 -> result.set(at, spice[random.nextInt(spice.length)]);
        case 1 -> result.add(at, spice[random.nextInt(spice.length)]);
        case 2 -> result.subList(at, Math.min(result.size(), at + random.nextInt(40))).clear();
        default -> result.set(at, (byte) random.nextInt(256));
      }
      if (result.isEmpty()) {
        result.add((byte) ' ');
      }
    }
    byte[] mangled = new byte[result.size()];
    for (int i = 0; i < mangled.length; i++) {
      mangled[i] = result.get(i);
    }
    return mangled;
  }
}
