package dev.caravan.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the sources to their rules of size, naming and calls; names every violation at once. */
class TidyTest {

  private static final String ROOM = "src/main/java/dev/caravan/sync/";
  private static final String TEST = "src/test/java/dev/caravan/sync/";

  @Test
  void theSourcesAreTidy() {
    List<SourceFile> files = SourceFile.ofProject(Path.of(""));
    assertThat(files).as("files found").hasSizeGreaterThan(30);
    List<String> found = new ArrayList<>(JavaRules.violations(files));
    for (SourceFile file : files) {
      found.addAll(TextRules.violations(file));
    }
    assertThat(found).as("%s violations:%n%s", found.size(), String.join("\n", found)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "long t = System.currentTimeMillis(); | currentTimeMillis",
        "var t = java.time.Instant.now(); | Instant.now",
        "java.util.function.Supplier<Object> s = Instant::now; | Instant.now",
        "var t = LocalDate.now(); | LocalDate.now",
        "Thread.sleep(10); | Thread.sleep",
        "System.exit(1); | System.exit",
        "System.out.println(1); | System.out",
        "Runnable r = System.err::println; | System.err",
        "Files.move(a, b); | Files.move",
        "java.nio.file.Files.deleteIfExists(a); | Files.deleteIfExists",
        "paths.forEach(Files::delete); | Files.delete",
        "var r = new Random(4); | Random",
        "double d = Math.random(); | Math.random",
      })
  void aBannedCallInARoomIsCaught(String statement, String named) {
    assertThat(javaViolations(ROOM + "A.java", "class A { void a() { " + statement + " } }"))
        .singleElement()
        .asString()
        .startsWith(ROOM + "A.java:1: ")
        .contains(named);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "src/main/java/dev/caravan/Caravan.java | System.exit(1); System.out.print(1);",
        "src/main/java/dev/caravan/AppStart.java | System.err.print(1);",
        "src/main/java/dev/caravan/cli/A.java | System.out.print(1);",
        "src/main/java/dev/caravan/store/A.java | Files.move(a, b);",
        "src/main/java/dev/caravan/remote/dir/A.java | Files.delete(a);",
        "src/main/java/dev/caravan/sync/A.java | Instant.now(clock);",
        "src/main/java/dev/caravan/sync/A.java | // System.exit(1)%n",
        "src/main/java/dev/caravan/sync/A.java | log(\"System.exit(1)\");",
      })
  void whatHasItsPlaceIsNotCaught(String path, String statement) {
    String body = String.format(statement);
    assertThat(javaViolations(path, "class A { void a() { " + body + " } }")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "SyncManager",
    "PathHelper",
    "StringUtil",
    "StringUtils",
    "RemoteImpl",
    "FileInfo",
    "DataFile",
    "S3Backend",
    "TargetPath",
    "BlobStore"
  })
  void aNameThatSaysNothingIsCaught(String name) {
    assertThat(javaViolations(ROOM + "A.java", "class A { record " + name + "() {} }"))
        .singleElement()
        .asString()
        .contains(name);
  }

  @ParameterizedTest
  @CsvSource({"Database", "Implied", "Information", "Utility", "Blobby"})
  void aNameThatOnlyBeginsAlikeIsNotCaught(String name) {
    assertThat(javaViolations(ROOM + "A.java", "class A { record " + name + "() {} }")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "@Disabled void a() {}",
    "@EnabledOnOs(LINUX) void a() {}",
    "void a() { assumeTrue(false); }",
    "void a() { Assumptions.abort(); }",
    "void a() { Thread.sleep(1); }"
  })
  void aTestThatSkipsOrSleepsIsCaught(String member) {
    assertThat(javaViolations(TEST + "ATest.java", "class ATest { " + member + " }")).hasSize(1);
  }

  @Test
  void aLongMethodIsCaughtAndOneOfTheLimitIsNot() {
    assertThat(javaViolations(ROOM + "A.java", method(JavaRules.MAX_METHOD_LINES))).isEmpty();
    assertThat(javaViolations(ROOM + "A.java", method(JavaRules.MAX_METHOD_LINES + 1)))
        .singleElement()
        .asString()
        .startsWith(ROOM + "A.java:2: a has 71 lines");
  }

  @Test
  void aLongFileAndALongLineAreCaught() {
    String lines = "\n".repeat(TextRules.MAX_FILE_LINES);
    assertThat(textViolations(lines)).isEmpty();
    assertThat(textViolations(lines + "\n")).singleElement().asString().contains("401 lines");
    assertThat(textViolations("é".repeat(100))).isEmpty();
    assertThat(textViolations("// " + "x".repeat(98))).singleElement().asString().contains("101");
  }

  @Test
  void wordsThatNobodyShouldCommitAreCaught() {
    assertThat(textViolations("// TO" + "DO later")).hasSize(1);
    assertThat(textViolations("// FIX" + "ME")).hasSize(1);
    assertThat(textViolations("String s = \"/wo" + "rk/main\";")).hasSize(1);
    assertThat(textViolations("import net.jq" + "wik.api.Property;")).hasSize(1);
    assertThat(textViolations("String s = \"a/wo" + "rk/main\";")).isEmpty();
  }

  @Test
  void aCrowdedPackageIsCaught() {
    SourceFile small = new SourceFile(ROOM + "A.java", "class A {}".repeat(25));
    SourceFile more = new SourceFile(ROOM + "B.java", "class B {}");
    assertThat(JavaRules.violations(List.of(small))).isEmpty();
    assertThat(JavaRules.violations(List.of(small, more)))
        .singleElement()
        .asString()
        .contains("26 top-level types");
  }

  private static String method(int lines) {
    return "class A {\nvoid a() {" + "\n".repeat(lines - 1) + "}\n}";
  }

  private static List<String> javaViolations(String path, String text) {
    return JavaRules.violations(List.of(new SourceFile(path, text)));
  }

  private static List<String> textViolations(String text) {
    return TextRules.violations(new SourceFile(ROOM + "A.java", text));
  }
}
