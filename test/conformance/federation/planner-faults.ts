/** Why Hive's planner alone fails a case. With `auto` the other one is asked. */
export const unplanned =
  "Hive's planner refuses the operation, though it is valid and can be planned.";
