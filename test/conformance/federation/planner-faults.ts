/** Why Hive's planner alone fails a case. With `auto` the other one is asked. */
export const unplanned =
  "Hive's planner refuses the operation, though it is valid and can be planned.";

/** The same where it makes a plan. */
export const incomplete =
  "The plan of Hive's planner leaves a field out for objects of one type, though not of another.";
