package dev.caravan.arch;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Holds the compiled house to its rules, and each rule to a small house that breaks it. */
class HouseRulesTest {

  private static final String SAMPLE = HouseRulesTest.class.getPackageName() + ".sample";

  @Test
  void theHouseKeepsItsRules() {
    JavaClasses house =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.caravan");
    assertThat(house).hasSizeGreaterThan(20);
    List<String> violations =
        new HouseRules("dev.caravan")
            .all().values().stream().flatMap(rule -> violations(rule, house).stream()).toList();
    assertThat(violations).as("%s", String.join("\n", violations)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "floors, UpwardStore, a room that looks upstairs",
    "floors, NeighbourCatalog, a room that looks at its neighbour",
    "floors, OneProvider, a provider that knows another",
    "cycles, NeighbourCatalog, two packages that need one another",
    "camel, StoreWithRoute, Camel in a room",
    "planners, LoggingPlanner, a planner that logs",
    "planners, ReadingPlanner, a planner that reads files",
    "planners, ClockPlanner, a planner with a clock",
    "constructors, SevenThings, seven constructor parameters",
    "nulls, UpwardStore, a package without @NullMarked",
    "files, FileDeleter, java.io.File.delete",
  })
  void aHouseThatBreaksARuleIsCaught(String rule, String culprit, String why) {
    JavaClasses sample = new ClassFileImporter().importPackages(SAMPLE);
    Map<String, ArchRule> rules = new HouseRules(SAMPLE).all();
    List<String> violations = violations(rules.get(rule), sample);
    assertThat(violations).as(why).anySatisfy(line -> assertThat(line).contains(culprit));
  }

  @Test
  void whatIsAllowedIsNotCaught() {
    JavaClasses sample = new ClassFileImporter().importPackages(SAMPLE);
    List<String> violations =
        new HouseRules(SAMPLE)
            .all().entrySet().stream()
                .filter(rule -> !rule.getKey().equals("nulls"))
                .flatMap(rule -> violations(rule.getValue(), sample).stream())
                .toList();
    assertThat(violations)
        .isNotEmpty()
        .noneMatch(line -> line.matches("(\\w+ )?<?[^ (]*\\.Allowed\\w+[ .>(].*"));
  }

  private static List<String> violations(ArchRule rule, JavaClasses classes) {
    EvaluationResult result = rule.evaluate(classes);
    return result.getFailureReport().getDetails().stream()
        .map(line -> line + " -- because: " + rule.getDescription())
        .toList();
  }
}
