package dev.caravan.arch;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.File;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The rules of the house that bytecode can show: who may use whom, and what stays out of where.
 * They are made for any root package, so that the small bad samples of {@link HouseRulesTest} can
 * show that each of them bites.
 */
final class HouseRules {

  private static final Map<String, Integer> FLOORS =
      Map.ofEntries(
          Map.entry("config", 0),
          Map.entry("event", 0),
          Map.entry("json", 0),
          Map.entry("sqlite", 0),
          Map.entry("store", 1),
          Map.entry("remote", 1),
          Map.entry("catalog", 1),
          Map.entry("control", 3),
          Map.entry("cli", 3),
          Map.entry("", 4));

  /** A room that is not named above is a capability. */
  private static final int CAPABILITIES = 2;

  private static final Set<String> IMPURE =
      Set.of(
          "java.nio.file.Files",
          "java.time.Clock",
          "java.util.Random",
          "java.util.SplittableRandom",
          "java.security.SecureRandom",
          "java.util.concurrent.ThreadLocalRandom");

  private static final Pattern IMPURE_PACKAGE =
      Pattern.compile(
          "(java\\.io|java\\.net|java\\.sql|java\\.nio\\.channels|org\\.slf4j)(\\..*)?");

  private static final Pattern CAMEL = Pattern.compile("org\\.apache\\.camel(?!\\.util\\.)\\..*");

  private final String root;

  HouseRules(String root) {
    this.root = root;
  }

  Map<String, ArchRule> all() {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("floors", floors());
    rules.put("cycles", noCycles());
    rules.put("camel", camelAtTheDoorsOnly());
    rules.put("planners", purePlanners());
    rules.put("constructors", shortConstructors());
    rules.put("nulls", nullMarkedPackages());
    rules.put("files", noFileDeletes());
    return rules;
  }

  private ArchRule floors() {
    return classes()
        .should(
            useNothing(
                "above their floor",
                (user, used) -> isOurs(used) && !mayUse(roomOf(user), roomOf(used))))
        .because(
            "a room uses rooms on lower floors only, never its own floor, and a provider never"
                + " another provider: so one room can be read, tested and replaced alone")
        .allowEmptyShould(true);
  }

  private ArchRule noCycles() {
    return slices()
        .matching(root + ".(**)")
        .should()
        .beFreeOfCycles()
        .because("packages in a cycle are one package with two names")
        .allowEmptyShould(true);
  }

  private ArchRule camelAtTheDoorsOnly() {
    return classes()
        .should(
            useNothing(
                "of Camel",
                (user, used) -> CAMEL.matcher(used.getName()).matches() && !mayKnowCamel(user)))
        .because(
            "routes may change without the rooms noticing; only App, control/, *Steps and the"
                + " producers of remotes meet an Exchange")
        .allowEmptyShould(true);
  }

  private ArchRule purePlanners() {
    return noClasses()
        .that(are("planners", type -> topLevel(type).getSimpleName().endsWith("Planner")))
        .should()
        .dependOnClassesThat(are("impure", HouseRules::isImpure))
        .because("a planner decides from its arguments alone, so that a dry run tells the truth")
        .allowEmptyShould(true);
  }

  private ArchRule shortConstructors() {
    return classes()
        .that(are("no records", type -> !type.isRecord() && !type.isEnum()))
        .should(
            new ArchCondition<>("have at most six constructor parameters") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                for (JavaConstructor constructor : type.getConstructors()) {
                  boolean written = !type.isAnonymousClass() && !type.isLocalClass();
                  if (written && constructor.getRawParameterTypes().size() > 6) {
                    events.add(SimpleConditionEvent.violated(type, constructor.getDescription()));
                  }
                }
              }
            })
        .because("a class that needs more than six things does more than one")
        .allowEmptyShould(true);
  }

  private ArchRule nullMarkedPackages() {
    return classes()
        .should(
            new ArchCondition<>("live in a package marked @NullMarked") {
              @Override
              public void check(JavaClass type, ConditionEvents events) {
                boolean marked =
                    type.getPackage()
                        .tryGetPackageInfo()
                        .filter(info -> info.isAnnotatedWith("org.jspecify.annotations.NullMarked"))
                        .isPresent();
                if (!marked) {
                  events.add(
                      SimpleConditionEvent.violated(
                          type, type.getName() + ": package-info.java lacks @NullMarked"));
                }
              }
            })
        .because("without the mark the compiler does not check that package for null")
        .allowEmptyShould(true);
  }

  private ArchRule noFileDeletes() {
    return noClasses()
        .should()
        .callMethod(File.class, "delete")
        .orShould()
        .callMethod(File.class, "deleteOnExit")
        .orShould()
        .callMethod(File.class, "renameTo", File.class)
        .because("they report failure by a boolean that nobody reads; java.nio.file.Files throws")
        .allowEmptyShould(true);
  }

  /** Names each pair of classes once, however often one uses the other. */
  private static ArchCondition<JavaClass> useNothing(
      String where, BiPredicate<JavaClass, JavaClass> forbidden) {
    return new ArchCondition<>("use nothing " + where) {
      @Override
      public void check(JavaClass user, ConditionEvents events) {
        user.getDirectDependenciesFromSelf().stream()
            .map(Dependency::getTargetClass)
            .filter(used -> forbidden.test(user, used))
            .map(used -> user.getName() + " uses " + used.getName())
            .distinct()
            .forEach(line -> events.add(SimpleConditionEvent.violated(user, line)));
      }
    };
  }

  private boolean mayUse(String user, String used) {
    if (first(user).equals("remote") && first(used).equals("remote")) {
      return used.equals("remote") || provider(user).equals(provider(used));
    }
    if (first(user).equals(first(used))) {
      return true;
    }
    return floorOf(used) < floorOf(user);
  }

  private static int floorOf(String room) {
    return FLOORS.getOrDefault(first(room), CAPABILITIES);
  }

  private boolean mayKnowCamel(JavaClass type) {
    String room = first(roomOf(type));
    String name = topLevel(type).getSimpleName();
    return switch (room) {
      case "" -> name.matches("(App|Camel).*");
      case "control" -> true;
      case "remote" -> name.matches(".*(Producer|Endpoint|Component|Steps)");
      default -> name.endsWith("Steps");
    };
  }

  private static boolean isImpure(JavaClass type) {
    return IMPURE.contains(type.getName())
        || IMPURE_PACKAGE.matcher(type.getPackageName()).matches();
  }

  private boolean isOurs(JavaClass type) {
    String name = type.getPackageName();
    return name.equals(root) || name.startsWith(root + ".");
  }

  /** The package below the root: {@code remote.s3}; {@code ""} for the root itself. */
  private String roomOf(JavaClass type) {
    String name = type.getPackageName();
    return name.equals(root) ? "" : name.substring(root.length() + 1);
  }

  private static String first(String room) {
    int dot = room.indexOf('.');
    return dot < 0 ? room : room.substring(0, dot);
  }

  /** {@code s3} of {@code remote.s3.wire}; {@code ""} of {@code remote}, the contract itself. */
  private static String provider(String room) {
    return room.equals("remote") ? "" : first(room.substring("remote.".length()));
  }

  private static JavaClass topLevel(JavaClass type) {
    return type.getEnclosingClass().map(HouseRules::topLevel).orElse(type);
  }

  private static DescribedPredicate<JavaClass> are(String description, Predicate<JavaClass> test) {
    return DescribedPredicate.describe(description, test);
  }
}
