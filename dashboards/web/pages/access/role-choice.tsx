export function RoleChoice() {
  return (
    <label class="field">
      <span>Role</span>
      <select name="role">
        <option value="reader">reader</option>
        <option value="admin">admin</option>
      </select>
    </label>
  );
}
