package dev.caravan.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands hand on, and what they make of the answer. */
class AnswersTest {

  @TempDir Path folder;
  private final Map<String, @Nullable Object> answer = new LinkedHashMap<>();
  private final List<Engine.RestoreOptions> restores = new ArrayList<>();
  private String out = "";

  private final Engine engine =
      (Engine)
          Proxy.newProxyInstance(
              Engine.class.getClassLoader(),
              new Class<?>[] {Engine.class},
              (proxy, method, args) -> {
                if (method.getName().equals("storage")) {
                  return Optional.of(answer);
                }
                if (method.getName().equals("restore")) {
                  restores.add((Engine.RestoreOptions) args[1]);
                }
                return answer;
              });

  private void run(String... args) throws Exception {
    assertThat(exitCode(args)).isZero();
  }

  private int exitCode(String... args) throws Exception {
    Path config =
        Files.writeString(folder.resolve("c.yaml"), "store: {path: %s}\n".formatted(folder));
    List<String> all = new ArrayList<>(List.of("--config", config.toString()));
    all.addAll(List.of(args));
    StringWriter text = new StringWriter();
    int code =
        CaravanCommand.line(engine, Map.of(), CaravanCommand.needed(args))
            .setOut(new PrintWriter(text))
            .setErr(new PrintWriter(new StringWriter()))
            .execute(all.toArray(String[]::new));
    out = text.toString();
    return code;
  }

  @Test
  void renamesAreNamedWhereThereAreAny() throws Exception {
    answer.put("state", "succeeded");
    answer.put("counts", Map.of("uploaded", 1));
    run("sync");
    assertThat(out).contains("1 uploaded (0 B), 0 verified");
    answer.put("counts", Map.of("uploaded", 1, "renamed", 3));
    run("sync");
    assertThat(out).contains("1 uploaded (0 B), 3 renamed, 0 verified");
  }

  @Test
  void pathsAreTakenAsAShellCompletesThem() throws Exception {
    answer.put("state", "succeeded");
    run("restore", "./a", "././b/", folder + "/c/d", folder + "/", folder.toString(), "/e");
    assertThat(restores.get(0).paths()).containsExactly("a", "b/", "c/d", ".", ".", "/e");
  }

  /** As a shell makes of a variable that is not set. */
  @Test
  void anEmptyPathIsNotTheWholeStore() throws Exception {
    assertThat(exitCode("restore", "")).isEqualTo(2);
    assertThat(exitCode("restore", "a", "")).isEqualTo(2);
    assertThat(restores).isEmpty();
  }

  @Test
  void aStatusWithoutADaemonPromisesNothing() throws Exception {
    answer.put("next_sync_at", null);
    run("status");
    assertThat(out).contains("next     nothing is scheduled");
    answer.put("next_sync_at", "2026-11-22T10:00:00.000Z");
    run("status");
    assertThat(out).contains("next     2026-11-22T10:00:00.000Z");
  }
}
