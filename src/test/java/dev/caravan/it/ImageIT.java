package dev.caravan.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The steps of the image, as far as they can be taken without a container engine. */
class ImageIT {

  @TempDir Path folder;

  @Test
  void whatIsCopiedIsThereAndTheUserIsANumber() throws Exception {
    Dockerfile file = Dockerfile.read();
    List<String> ignored = Files.readAllLines(Path.of(".dockerignore"));
    for (Dockerfile.Stage stage : file.stages()) {
      for (Dockerfile.Copy copy : stage.copies()) {
        if (copy.stage().isEmpty()) {
          assertThat(Path.of(copy.from())).exists();
          assertThat(ignored)
              .as(copy.from())
              .anyMatch(line -> ("!" + copy.from() + "/").startsWith(line + "/"));
        } else {
          assertThat(file.stages().get(0).all("FROM").get(0)).endsWith(" AS " + copy.stage().get());
          assertThat(copy.from()).isEqualTo("/src/target/caravan.jar");
        }
      }
    }
    assertThat(ignored).contains("*");
    assertThat(file.image().all("USER")).containsExactly("65534:65534");
    Path entry = Path.of("image/caravan");
    assertThat(file.image().entrypoint()).containsExactly("/app/caravan");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(entry)))
        .isEqualTo("rwxr-xr-x");
  }

  @Test
  void theJarIsBuiltAsTheMakefileBuildsIt() throws Exception {
    String maven = Dockerfile.read().stages().get(0).all("RUN").get(0);
    String options = maven.replace("mvn -B ", "");
    assertThat(Files.readString(Path.of("Makefile"))).contains("$(MVN) " + options + "\n");
  }

  /** In place of a JVM: says how it was called. */
  private Pod podThatTells() throws Exception {
    Path bin = Files.createDirectories(folder.resolve("java/bin"));
    Path java =
        Files.writeString(
            bin.resolve("java"), "#!/bin/sh\necho \"$HOME\"\nprintf '%s\\n' \"$@\"\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new Pod(folder).java(folder.resolve("java"));
  }

  @Test
  void withoutArgumentsTheEnvironmentTellsWhatIsWanted() throws Exception {
    assertThat(podThatTells().run(List.of()).out()).endsWith("/app/caravan.jar\nrun\n");
    for (String name : List.of("ADD_TIMESTAMP_PREFIX", "BUCKET_NAME", "BUCKET_HOST")) {
      assertThat(
              new Pod(folder.resolve(name))
                  .java(folder.resolve("java"))
                  .env(name, "x")
                  .run(List.of())
                  .out())
          .endsWith("/app/caravan.jar\ndatamover\n");
    }
  }

  @Test
  void argumentsGoBeforeTheEnvironment() throws Exception {
    Pod pod = podThatTells().env("BUCKET_NAME", "x");
    assertThat(pod.run(List.of("sync", "--set", "a=b  c")).out())
        .contains("@/app/short.options\n")
        .endsWith("/app/caravan.jar\nsync\n--set\na=b  c\n");
    assertThat(pod.run(List.of("run")).out()).doesNotContain("short.options");
  }

  @Test
  void temporaryFilesGoWhereSomethingCanBeWritten() throws Exception {
    Pod pod = podThatTells();
    pod.volume("/config");
    assertThat(pod.run(List.of()).out()).startsWith("/config\n").contains("=/config\n");
    pod.volume("/tmp");
    assertThat(pod.run(List.of()).out()).startsWith("/config\n").contains("=/tmp\n");
    pod.configMap("/config", Map.of("a", "b"));
    assertThat(pod.run(List.of()).out()).startsWith("/tmp\n").contains("=/tmp\n");
  }

  @Test
  void theArchiveOfItsClassesIsMadeAndUsedWhereItIsThere() throws Exception {
    Path jar = CaravanSetup.builtJar();
    List<String> options = ClassArchive.options(Path.of(System.getProperty("java.home")), jar);
    assertThat(options).as("the script made it, for all tests").hasSize(1);
    assertThat(Dockerfile.read().image().all("RUN")).contains("/app/archive");

    Pod pod = podThatTells();
    assertThat(pod.run(List.of("sync")).out()).doesNotContain("Shared");
    Files.writeString(folder.resolve("image/app/caravan.jsa"), "an archive");
    assertThat(pod.run(List.of("sync")).out())
        .contains("-XX:SharedArchiveFile=/app/caravan.jsa\n")
        .endsWith("/app/caravan.jar\nsync\n");
  }

  @Test
  void theJarRunsInTheConfinesOfTheOperatorsJob() throws Exception {
    Pod pod = new Pod(folder);
    pod.volume("/config");
    pod.volume("/data");
    Outcome version = pod.run(List.of("--version"));
    assertThat(version.exitCode()).as("%s", version).isZero();
    assertThat(version.out()).containsIgnoringCase("caravan");
  }
}
