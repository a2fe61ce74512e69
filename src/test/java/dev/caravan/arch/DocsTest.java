package dev.caravan.arch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.route.RouteContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the documents say must be there is there. */
class DocsTest {

  private static final Pattern LINK = Pattern.compile("\\[[^\\]]*\\]\\(([^)#\\s]+)(#[^)]*)?\\)");
  private static final Pattern MAKE = Pattern.compile("`make ([a-z]+)\\b");

  private static final Pattern CHAOS = Pattern.compile("-Dit\\.test='([^']+)'");

  private static final Pattern PROMISE =
      Pattern.compile("\\| ([A-Z]+[0-9]+[a-z]?) \\|.*\\|(.*)\\|");
  private static final Pattern NAME = Pattern.compile("`(\\w+)`");

  private static final List<SourceFile> DOCS =
      SourceFile.ofProject(Path.of("")).stream()
          .filter(file -> file.path().endsWith(".md"))
          .toList();

  @Test
  void everyLinkInTheDocumentsLeadsSomewhere() {
    List<String> broken = new ArrayList<>();
    for (SourceFile doc : DOCS) {
      LINK.matcher(doc.text())
          .results()
          .map(link -> link.group(1))
          .filter(link -> !link.matches("[a-z]+:.*"))
          .filter(link -> !Files.exists(Path.of(doc.folder()).resolve(link)))
          .forEach(link -> broken.add(doc.path() + ": " + link));
    }
    assertThat(DOCS).extracting(SourceFile::path).contains("README.md", "CONTRIBUTING.md");
    assertThat(broken).isEmpty();
  }

  @Test
  void everyMakeTargetThatIsNamedExists() throws Exception {
    String makefile = Files.readString(Path.of("Makefile"));
    for (SourceFile doc : DOCS) {
      assertThat(MAKE.matcher(doc.text()).results().map(found -> found.group(1)))
          .as(doc.path())
          .allSatisfy(target -> assertThat(makefile).contains("\n" + target + ":"));
    }
  }

  @Test
  void whatIsLeftOutOfTheTestsIsRunByChaos() throws Exception {
    Matcher named = CHAOS.matcher(Files.readString(Path.of("Makefile")));
    assertThat(named.find()).isTrue();
    Pattern chaos = Pattern.compile(named.group(1).replace("*", ".*").replace(',', '|'));
    List<String> soaks =
        SourceFile.ofProject(Path.of("")).stream()
            .filter(file -> file.path().endsWith("IT.java"))
            .filter(file -> file.text().contains("@Tag(\"soak\")"))
            .map(file -> Path.of(file.path()).getFileName().toString().replace(".java", ""))
            .toList();
    assertThat(soaks).contains("BurstIT").allMatch(name -> chaos.matcher(name).matches());
  }

  @Test
  void everyPromiseIsHeldByATestThatExists() throws Exception {
    Set<String> tests =
        SourceFile.ofProject(Path.of("")).stream()
            .filter(file -> file.isJava() && !file.isMain())
            .map(file -> file.name().replace(".java", ""))
            .collect(Collectors.toSet());
    List<String> promises = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("docs/semantics.md"))) {
      Matcher promise = PROMISE.matcher(line);
      if (promise.matches()) {
        promises.add(promise.group(1));
        List<String> named =
            NAME.matcher(promise.group(2)).results().map(found -> found.group(1)).toList();
        assertThat(named.isEmpty() && !promise.group(2).contains("contract suite"))
            .as("%s names no test", promise.group(1))
            .isFalse();
        assertThat(tests).as(promise.group(1)).containsAll(named);
      }
    }
    assertThat(promises).hasSizeGreaterThan(80).doesNotHaveDuplicates();
  }

  @Test
  void theReadmeFitsAndTheChangelogIsOpen() throws Exception {
    assertThat(Files.readAllLines(Path.of("README.md"))).hasSizeLessThanOrEqualTo(200);
    assertThat(Files.readString(Path.of("CHANGELOG.md"))).contains("## Unreleased");
  }

  @Test
  void thePublicEndpointsAreDocumented() throws Exception {
    String routes = Files.readString(Path.of("docs/routes.md"));
    assertThat(Arrays.stream(RouteContract.values()).map(RouteContract::uri))
        .allSatisfy(uri -> assertThat(routes).contains("`" + uri + "`"));
  }

  @Test
  void everyDecisionIsListed() throws Exception {
    String list = Files.readString(Path.of("docs/decisions/README.md"));
    assertThat(DOCS)
        .filteredOn(doc -> doc.path().matches("docs/decisions/[0-9]{4}-.*"))
        .isNotEmpty()
        .allSatisfy(doc -> assertThat(list).contains("(" + doc.name() + ")"));
  }
}
