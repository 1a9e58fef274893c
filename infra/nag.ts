import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';

/** Every synthesis of the app is checked; what is not acknowledged with its reason fails it. */
export function checked(app: App): void {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
}
